import { setTimeout as sleep } from 'node:timers/promises';
import type { Contract } from '@nefos/contracts';
import type { Express } from 'express';
import { cachedDocument, sendDocument, type CachedDocument } from './document.js';
import { writeJson } from './json-answer.js';
import type { Metrics } from './metrics.js';

export interface Readiness {
  [name: string]: () => Promise<boolean>;
}
const NO_STORE = { 'Cache-Control': 'no-store' };
export type Documents = Readonly<Record<string, () => object>>;
/** A check that takes longer counts as failed. */
const CHECK_MS = 3000;
const isReady = (check: () => Promise<boolean>): Promise<boolean> =>
  Promise.race([check().catch(() => false), sleep(CHECK_MS, false, { ref: false })]);
/**
 * /healthz, /readyz, /metrics and the OpenAPI documents: for the operator; the gateway does not hand them on.
 * @param documents each made when it is asked for first, by its file name: `openapi.json` is at `/openapi.json`
 */
export const mountOperational = (
  app: Express,
  { metrics, ready, documents }: { metrics: Metrics; ready: Readiness; documents: Documents },
): void => {
  app.get('/healthz', (_req, res) => writeJson(res, 200, { status: 'ok' }, NO_STORE));
  app.get('/readyz', async (_req, res) => {
    const checks = Object.fromEntries(
      await Promise.all(Object.entries(ready).map(async ([name, check]) => [name, await isReady(check)] as const)),
    );
    const all = Object.values(checks).every(Boolean);
    writeJson(res, all ? 200 : 503, { status: all ? 'ok' : 'not ready', checks }, NO_STORE);
  });
  app.get('/metrics', async (_req, res) => {
    const text = await metrics.registry.metrics();
    res.writeHead(200, { 'Content-Type': metrics.registry.contentType }).end(text);
  });
  for (const [name, make] of Object.entries(documents)) {
    let document: CachedDocument | undefined;
    app.get(`/${name}`, (req, res) =>
      sendDocument(req, res, (document ??= cachedDocument(Buffer.from(JSON.stringify(make()))))),
    );
  }
};

/** Methods that endpoints have; any other is counted as `other`. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
/**
 * Counts and times every request by method, route and status. Mount first. The route is the contract's path, such as
 * `/v2/accounts/:id/`, or `none`, so that clients can not make up series.
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
  // Each series is looked up once; later requests cost one lookup in a map.
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
