import {
  sql,
  clientAddress,
  createApp,
  mountEndpoints,
  mountOperational,
  observeRequests,
  parsePeers,
  Fault,
  refused,
  requestContexts,
} from '@nefos/service-kit';
import express, { type ErrorRequestHandler, type Express, type Request } from 'express';
import { endpoints } from './endpoints.js';
import type { IdentityCtx, IdentityRequest } from './ctx.js';
import { dialect, unknownPath } from './dialect.js';
import { documents } from './openapi.js';

/** The Express application, which does not listen. */
export const buildApp = (ctx: IdentityCtx): Express => {
  const app = createApp();
  const trusted = parsePeers(ctx.settings.trustedProxies);
  const base = requestContexts(ctx, trusted);
  const contextOf = (req: Request): IdentityRequest => {
    const requestCtx = base(req);
    requestCtx.ip ??= clientAddress(req, trusted);
    return requestCtx;
  };
  observeRequests(
    app,
    ctx.metrics,
    endpoints.map(({ contract }) => contract),
  );
  // Without the job queue the service is ready: its jobs only send feedback by mail.
  const ready = { database: async () => (await sql(ctx.db, 'select 1')).length === 1 };
  mountOperational(app, { metrics: ctx.metrics, ready, documents });
  const router = express.Router({ caseSensitive: true });
  mountEndpoints(router, endpoints, dialect, contextOf);
  app.use(router);
  app.use((req, res) => {
    refused(req, res, unknownPath(req.path), dialect, contextOf(req));
  });
  // Express fails with 400 for a path that can not be decoded.
  const onError: ErrorRequestHandler = (err: { status?: number }, req, res, _next) => {
    const fault = err.status === 400 ? new Fault('invalid', 'url.malformed', {}, { cause: err }) : err;
    refused(req, res, fault, dialect, contextOf(req));
  };
  app.use(onError);
  return app;
};
