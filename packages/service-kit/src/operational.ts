import type { Contract } from '@nefos/contracts';
import type { Express, Response } from 'express';
import { cachedDocument, sendDocument, type CachedDocument } from './document.js';
import type { Metrics } from './metrics.js';

export interface Readiness {
  [name: string]: () => Promise<boolean>;
}
/** /healthz, /readyz, /metrics and /openapi.json: for the operator; the gateway does not hand them on. */
export const mountOperational = (
  app: Express,
  { metrics, ready, openapi }: { metrics: Metrics; ready: Readiness; openapi: () => object },
): void => {
  const json = (res: Response, status: number, body: unknown): void => {
    const text = JSON.stringify(body);
    res
      .writeHead(status, {
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(text),
        'Cache-Control': 'no-store',
      })
      .end(text);
  };
  let document: CachedDocument | undefined;
  app.get('/healthz', (_req, res) => json(res, 200, { status: 'ok' }));
  app.get('/readyz', async (_req, res) => {
    const checks = Object.fromEntries(
      await Promise.all(
        Object.entries(ready).map(
          async ([name, ask]) =>
            [
              name,
              await Promise.race([
                ask().catch(() => false),
                new Promise<boolean>((r) => {
                  setTimeout(r, 3000, false).unref();
                }),
              ]),
            ] as const,
        ),
      ),
    );
    json(res, Object.values(checks).every(Boolean) ? 200 : 503, {
      status: Object.values(checks).every(Boolean) ? 'ok' : 'not ready',
      checks,
    });
  });
  app.get('/metrics', async (_req, res) => {
    const text = await metrics.registry.metrics();
    res.writeHead(200, { 'Content-Type': metrics.registry.contentType }).end(text);
  });
  app.get('/openapi.json', (req, res) =>
    sendDocument(req, res, (document ??= cachedDocument(Buffer.from(JSON.stringify(openapi()))))),
  );
};

/** Methods that something answers; any other is counted as `other`. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
/**
 * Counts and times every request by method, route and status. Mount first. The route is that of the contract, such as `/v2/accounts/:id/`;
 * for what no endpoint answers it is `none`. So strangers can make up neither routes nor methods.
 */
export const observeRequests = (app: Express, metrics: Metrics, contracts: readonly Contract[]): void => {
  const seconds = metrics.histogram(
    'nefos_http_request_seconds',
    'Time to answer',
    ['method', 'route', 'status'],
    [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10],
  );
  const routes = new Map(['/healthz', '/readyz', '/metrics', '/openapi.json'].map((path) => [path, path]));
  for (const { path, aliases = [] } of contracts) for (const one of [path, ...aliases]) routes.set(one, path);
  // Each series is looked up once: afterwards a request costs one look into a map.
  const series = new Map<string, { observe(value: number): void }>();
  const seriesOf = (method: string, route: string, status: number): { observe(value: number): void } => {
    const key = `${status} ${method} ${route}`;
    let found = series.get(key);
    if (!found) series.set(key, (found = seconds.labels(method, route, String(status))));
    return found;
  };
  app.use((req, res, next) => {
    const start = process.hrtime.bigint();
    res.once('finish', () => {
      const route = routes.get((req.route as { path?: string } | undefined)?.path ?? '') ?? 'none';
      seriesOf(METHODS.has(req.method) ? req.method : 'other', route, res.statusCode).observe(
        Number(process.hrtime.bigint() - start) / 1e9,
      );
    });
    next();
  });
};
