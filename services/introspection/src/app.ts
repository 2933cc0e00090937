import type { Fault } from '@nefos/service-kit';
import {
  createApp,
  mountEndpoints,
  mountOperational,
  notFound,
  observeRequests,
  refused,
  requestContexts,
} from '@nefos/service-kit';
import { Router, type Express, type NextFunction, type Request, type Response } from 'express';
import { setRegistryHeaders } from './access/api/registry-version.js';
import { setVersionHeaders, versionOf } from './access/api/versions.js';
import { challengeOf } from './authentication.js';
import type { IntrospectionCtx } from './ctx.js';
import { endpoints, inspectorEndpoints, registryEndpoints } from './endpoints.js';
import { inspectorDialect, writeRefusal } from './inspector-dialect.js';
import { documents } from './openapi.js';
import { registryDialect, writeRegistryRefusal } from './registry-dialect.js';

const REGISTRY = /^\/baremetal(?=[/?]|$)/;
/** Both forms of a path are one, and slashes at its beginning do not count (contract introspection §1.2). */
const normalised = (url: string): string => {
  const at = url.indexOf('?');
  const path = (at < 0 ? url : url.slice(0, at)).replace(/^\/{2,}/, '/');
  return `${path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path}${at < 0 ? '' : url.slice(at)}`;
};
const unknown = (path: string): Fault =>
  /^\/[^/]+$/.test(path) ? notFound('version.absent', { name: path.slice(1, 101) }) : notFound('path');

/** The application without a port; what tests use. */
export const buildApp = (ctx: IntrospectionCtx): Express => {
  const app = createApp();
  const contextOf = requestContexts(ctx);
  observeRequests(
    app,
    ctx.metrics,
    endpoints.map((one) => one.contract),
  );
  mountOperational(app, {
    metrics: ctx.metrics,
    ready: {
      database: async () => (await ctx.db.pool.query('select 1')).rowCount === 1,
      identity: () => ctx.verifier.reachable(),
    },
    documents,
  });
  const challenge = challengeOf(ctx.config);
  const faultOf = (req: Request) => ({
    fault: (_req: Request, res: Response, fault: Fault) =>
      (REGISTRY.test(req.url) ? writeRegistryRefusal : writeRefusal)(res, fault, challenge),
  });
  app.use((req: Request, res: Response, next: NextFunction) => {
    req.url = normalised(req.url);
    const isRegistry = REGISTRY.test(req.url);
    try {
      if (isRegistry) setRegistryHeaders(req, res, contextOf(req).requestId);
      else {
        setVersionHeaders(res);
        versionOf(req);
      }
      next();
    } catch (err) {
      refused(req, res, err, isRegistry ? registryDialect : inspectorDialect, contextOf(req));
    }
  });
  const router = Router({ strict: true, caseSensitive: true });
  mountEndpoints(router, registryEndpoints, registryDialect, contextOf);
  mountEndpoints(router, inspectorEndpoints, inspectorDialect, contextOf);
  app.use(router);
  app.use((req: Request, res: Response) => refused(req, res, unknown(req.path), faultOf(req), contextOf(req)));
  // Express's own refusals, such as a path that can not be decoded.
  app.use((err: unknown, req: Request, res: Response, _next: NextFunction) =>
    refused(
      req,
      res,
      (err as { status?: number }).status === 400 ? notFound('path') : err,
      faultOf(req),
      contextOf(req),
    ),
  );
  return app;
};
