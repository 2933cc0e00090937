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
import { document } from './openapi.js';

/** The application without listening; tests use it. */
export const buildApp = (ctx: IdentityCtx): Express => {
  const app = createApp();
  const trusted = parsePeers(ctx.settings.trustedProxies);
  const base = requestContexts(ctx, trusted);
  const contextOf = (req: Request): IdentityRequest => {
    const found = base(req);
    found.ip ??= clientAddress(req, trusted);
    return found;
  };
  observeRequests(
    app,
    ctx.metrics,
    endpoints.map((one) => one.contract),
  );
  // The queue does not count: its jobs only send feedback by mail, and everything else works without them.
  const ready = { database: async () => (await sql(ctx.db, 'select 1')).length === 1 };
  mountOperational(app, { metrics: ctx.metrics, ready, openapi: document });
  const router = express.Router({ caseSensitive: true });
  mountEndpoints(router, endpoints, dialect, contextOf);
  app.use(router);
  app.use((req, res) => {
    refused(req, res, unknownPath(req.path), dialect, contextOf(req));
  });
  const broken: ErrorRequestHandler = (err: { status?: number }, req, res, _next) => {
    refused(
      req,
      res,
      err.status === 400 ? new Fault('invalid', 'url.malformed', {}, { cause: err }) : err,
      dialect,
      contextOf(req),
    );
  };
  app.use(broken);
  return app;
};
