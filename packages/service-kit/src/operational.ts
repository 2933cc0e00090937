import type { Express, Response } from 'express';
import { cachedDocument, sendDocument, type CachedDocument } from './document.js';
import type { Metrics } from './metrics.js';

export interface Readiness {
  [name: string]: () => Promise<boolean>;
}
/** /healthz, /readyz, /metrics and /openapi.json: for the operator; the gateway does not hand them on. */
export const mountOperational = (app: Express, { metrics, ready, openapi }: { metrics: Metrics; ready: Readiness; openapi: () => object }): void => {
  const json = (res: Response, status: number, body: unknown): void => {
    const text = JSON.stringify(body);
    res.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text), 'Cache-Control': 'no-store' }).end(text);
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
    json(res, Object.values(checks).every(Boolean) ? 200 : 503, { status: Object.values(checks).every(Boolean) ? 'ok' : 'not ready', checks });
  });
  app.get('/metrics', async (_req, res) => {
    const text = await metrics.registry.metrics();
    res.writeHead(200, { 'Content-Type': metrics.registry.contentType }).end(text);
  });
  app.get('/openapi.json', (req, res) => sendDocument(req, res, (document ??= cachedDocument(Buffer.from(JSON.stringify(openapi()))))));
};

/** Counts and times every request by method and status. Mount first. */
export const observeRequests = (app: Express, metrics: Metrics): void => {
  const seconds = metrics.histogram('nefos_http_request_seconds', 'Time to answer', ['method', 'status'], [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10]);
  app.use((req, res, next) => {
    const start = process.hrtime.bigint();
    res.once('finish', () => {
      seconds.observe({ method: req.method, status: String(res.statusCode) }, Number(process.hrtime.bigint() - start) / 1e9);
    });
    next();
  });
};
