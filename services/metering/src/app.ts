import {
  createApp,
  Fault,
  mountEndpoints,
  mountOperational,
  observeRequests,
  refused,
  requestContexts,
} from '@nefos/service-kit';
import { Router, type Express, type NextFunction, type Request, type Response } from 'express';
import { describe } from './describe.js';
import { internalEndpoints, publicEndpoints } from './endpoints.js';
import { authenticateBy } from './authentication.js';
import type { MeteringCtx } from './ctx.js';
import { allowOf, cloudigrade, sendJson, setCommonHeaders, writeFault } from './dialect.js';
import { internalDialect } from './internal-dialect.js';
import { documents } from './openapi.js';

/** Three prefixes are one API (contract metering §1); the routes have the first one only. */
const PREFIX = /^\/api\/(?:cloudigrade\/)?(v2)(?=[/?]|$)/;
const allows = (): Map<string, string> => {
  const paths = new Map<string, typeof publicEndpoints>();
  for (const one of publicEndpoints) paths.set(one.contract.path, [...(paths.get(one.contract.path) ?? []), one]);
  return new Map([...paths].map(([path, all]) => [path, allowOf(all.map((e) => e.contract)).join(', ')]));
};
/** Whether a path lacks the slash at its end with which it is served (contract metering §1). */
const lacksSlash = (paths: readonly string[]): ((path: string) => boolean) => {
  const patterns = paths.map((path) => new RegExp(`^${path.replace(/\/$/, '').replace(/:\w+/g, '[^/.]+')}$`));
  return (path) => patterns.some((pattern) => pattern.test(path));
};

/** The application without a port; what tests use. */
export const buildApp = (ctx: MeteringCtx): Express => {
  const app = createApp();
  const contextOf = requestContexts(ctx);
  const allow = allows();
  const redirects = lacksSlash([...allow.keys()]);
  observeRequests(
    app,
    ctx.metrics,
    [...publicEndpoints, ...internalEndpoints].map((one) => one.contract),
  );
  mountOperational(app, {
    metrics: ctx.metrics,
    ready: {
      database: async () => (await ctx.db.pool.query('select 1')).rowCount === 1,
      identity: () => ctx.verifier.reachable(),
    },
    documents,
  });

  const internal = Router({ strict: true, caseSensitive: true });
  mountEndpoints(internal, internalEndpoints, internalDialect(authenticateBy(ctx.verifier, undefined)), contextOf);
  app.use(internal);

  app.use((req: Request, res: Response, next: NextFunction) => {
    setCommonHeaders(res);
    req.url = req.url.replace(PREFIX, '/$1');
    if (!redirects(req.path)) {
      next();
      return;
    }
    const query = req.originalUrl.indexOf('?');
    res
      .writeHead(301, {
        Location:
          query < 0 ? `${req.originalUrl}/` : `${req.originalUrl.slice(0, query)}/${req.originalUrl.slice(query)}`,
        'Content-Length': 0,
      })
      .end();
  });
  const dialect = cloudigrade({
    allow,
    authenticate: authenticateBy(ctx.verifier, ctx.trustedPeers),
    options: (req, res, contracts, request) => {
      describe(request, req, contracts)
        .then((body) => sendJson(res, 200, body))
        .catch((err: unknown) => refused(req, res, err, dialect, request));
    },
  });
  const router = Router({ strict: true, caseSensitive: true });
  mountEndpoints(router, publicEndpoints, dialect, contextOf);
  app.use(router);
  app.use((req: Request, res: Response) => writeFault(req, res, new Fault('not_found', 'path')));
  // Express's own refusals, such as a path that can not be decoded.
  app.use((err: unknown, req: Request, res: Response, _next: NextFunction) =>
    refused(
      req,
      res,
      (err as { status?: number }).status === 400 ? new Fault('not_found', 'path') : err,
      { fault: writeFault },
      contextOf(req),
    ),
  );
  return app;
};
