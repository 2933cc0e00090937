import { compute, dropTrailing } from '@nefos/contracts';
import {
  createApp,
  Fault,
  mountEndpoints,
  mountOperational,
  observeRequests,
  parsePeers,
  refused,
  requestContexts,
  sql,
} from '@nefos/service-kit';
import express, { type Express } from 'express';
import { endpoints } from './endpoints.js';
import { consoleFiles } from './consoles/api/files.js';
import type { ComputeCtx } from './ctx.js';
import { dialect } from './dialect.js';
import { withIdempotency } from './access/api/idempotency.js';
import { faceContracts, mountFaces } from './facades.js';
import { documents } from './openapi.js';

/**
 * `/backend/staffapi/clients/?x` is `/staffapi/clients?x`: Fleio's deployment prefix and a trailing slash change
 * nothing (contract compute T1, T2).
 */
export const plainUrl = (url: string): string => {
  const at = url.indexOf('?');
  const path = at < 0 ? url : url.slice(0, at);
  const plain = dropTrailing(path.startsWith('/backend/') ? path.slice('/backend'.length) : path, '/');
  return (plain || '/') + (at < 0 ? '' : url.slice(at));
};

/** Whether a request may become a WebSocket. */
export const takesUpgrade = ({ url = '' }: { url?: string | undefined }): boolean => {
  const plain = plainUrl(url);
  return compute.SOCKETS.some(({ path }) => plain === path || plain.startsWith(`${path}?`));
};

/** The whole service without listening. @param working whether this process runs jobs now */
export const buildApp = (ctx: ComputeCtx, working: () => boolean = () => true): Express => {
  const app = createApp();
  // Requests come through the gateway, which sends the caller's address.
  app.set(
    'trust proxy',
    ctx.config.NEFOS_TRUSTED_PROXIES.split(',').map((one) => one.trim()),
  );
  const contextOf = requestContexts(ctx, parsePeers(ctx.config.NEFOS_TRUSTED_PROXIES));
  observeRequests(app, ctx.metrics, [...endpoints.map((one) => one.contract), ...faceContracts]);
  mountOperational(app, {
    metrics: ctx.metrics,
    documents,
    ready: {
      database: async () => (await sql(ctx.db, 'select 1')).length === 1,
      queue: async () =>
        working() &&
        (await sql(ctx.db, `select 1 from pg_tables where schemaname = 'graphile_worker' limit 1`)).length === 1,
      identity: () => ctx.identity.ready(),
    },
  });
  app.use((req, res, next) => {
    req.url = plainUrl(req.url);
    res.setHeader('X-Request-Id', contextOf(req).requestId);
    next();
  });
  mountFaces(app, contextOf);
  const router = express.Router({ caseSensitive: true, strict: true });
  mountEndpoints(router, endpoints.map(withIdempotency), dialect, contextOf);
  app.use(router);
  app.use(consoleFiles(ctx.config.NEFOS_PUBLIC_URL));
  app.use((req, res) => {
    refused(req, res, new Fault('not_found', 'not_found'), dialect, contextOf(req));
  });
  // Express itself refuses a path that is not valid percent-encoding.
  app.use(((err, req, res, next) => {
    void next;
    refused(
      req,
      res,
      (err as { status?: number }).status === 400 ? new Fault('not_found', 'not_found') : err,
      dialect,
      contextOf(req),
    );
  }) satisfies express.ErrorRequestHandler);
  return app;
};
