import http from 'node:http';
import { answerBrokenMessages, createLog, createMetrics, drain, hasLongPath, listen, masked, parsePeers, requestIdOf, type Log } from '@nefos/service-kit';
import type { GatewayConfig } from './config.js';
import { closeAgents, proxy, refuse, type ProxyOptions } from './proxy.js';
import { routeOf, type ServiceName } from './routes.js';

const ask = (url: string): Promise<{ status: number; text: string }> =>
  new Promise((resolve, reject) => {
    const req = http.get(url, { timeout: 3000, agent: false }, (res) => {
      const parts: Buffer[] = [];
      res.on('data', (p: Buffer) => parts.push(p));
      res.on('end', () => resolve({ status: res.statusCode ?? 0, text: Buffer.concat(parts).toString() }));
      res.on('error', reject);
    });
    req.on('timeout', () => req.destroy(new Error('timeout')));
    req.on('error', reject);
  });
const json = (req: http.IncomingMessage, res: http.ServerResponse, status: number, body: unknown): void => {
  const text = JSON.stringify(body);
  res
    .writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text), 'Cache-Control': 'no-store' })
    .end(req.method === 'HEAD' ? undefined : text);
};

/** What is where, for whoever calls the bare origin. */
const index = (config: GatewayConfig): object => ({
  name: 'Nefos',
  services: {
    identity: {
      apis: [`${config.NEFOS_PUBLIC_URL}/identity/`, `${config.NEFOS_PUBLIC_URL}/account/v1.0/`],
      openapi: `${config.NEFOS_PUBLIC_URL}/openapi/identity.json`,
    },
    compute: { apis: [`${config.NEFOS_PUBLIC_URL}/staffapi/`, `${config.NEFOS_PUBLIC_URL}/api/`], openapi: `${config.NEFOS_PUBLIC_URL}/openapi/compute.json` },
    metering: { apis: [`${config.NEFOS_PUBLIC_URL}/api/cloudigrade/v2/`], openapi: `${config.NEFOS_PUBLIC_URL}/openapi/metering.json` },
  },
  health: `${config.NEFOS_PUBLIC_URL}/healthz`,
});

/** The one origin: routes by path, limits, gives every request its id. It holds no business rule. */
export const start = async (config: GatewayConfig): Promise<{ log: Log; port: number; stop: () => Promise<void> }> => {
  const log = createLog('gateway', config.NEFOS_LOG_LEVEL);
  const metrics = createMetrics('gateway');
  log.info({ settings: masked(config) }, 'starting');
  const urls: Record<ServiceName, string> = { identity: config.NEFOS_IDENTITY_URL, compute: config.NEFOS_COMPUTE_URL, metering: config.NEFOS_METERING_URL };
  const names = Object.keys(urls) as ServiceName[];
  const seconds = metrics.histogram(
    'nefos_gateway_request_seconds',
    'Time from request to end of answer',
    ['service', 'status'],
    [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10],
  );
  const options: ProxyOptions = {
    urls,
    bodyLimit: config.NEFOS_GATEWAY_BODY_LIMIT,
    upstreamSeconds: config.NEFOS_GATEWAY_UPSTREAM_SECONDS,
    trusted: parsePeers(config.NEFOS_GATEWAY_TRUSTED_PEERS),
    log,
    accessLog: config.NEFOS_GATEWAY_ACCESS_LOG === 'on',
    finished: (service, status, took) => seconds.observe({ service, status: String(status) }, took),
  };

  const health = async (): Promise<{ status: number; body: object }> => {
    const states = await Promise.all(
      names.map(
        async (name) =>
          [
            name,
            await ask(`${urls[name]}/readyz`).then(
              (r) => (r.status === 200 ? 'ok' : 'not ready'),
              () => 'down',
            ),
          ] as const,
      ),
    );
    const ok = states.every(([, state]) => state === 'ok');
    return { status: ok ? 200 : 503, body: { status: ok ? 'ok' : 'not ready', services: Object.fromEntries(states) } };
  };
  const own = async (req: http.IncomingMessage, res: http.ServerResponse, path: string): Promise<void> => {
    const document = /^\/openapi\/(\w+)\.json$/.exec(path)?.[1] as ServiceName | undefined;
    if (path === '/healthz') {
      const { status, body } = await health();
      json(req, res, status, body);
      return;
    }
    if (path === '/') {
      json(req, res, 200, index(config));
      return;
    }
    if (document && names.includes(document)) {
      const { status, text } = await ask(`${urls[document]}/openapi.json`);
      json(req, res, status, JSON.parse(text));
      return;
    }
    refuse(req, res, undefined, 404, 'Not found.', requestIdOf(req));
  };
  const server = http.createServer(
    { keepAliveTimeout: 76_000, headersTimeout: 15_000, requestTimeout: 60_000, connectionsCheckingInterval: 2000, maxHeaderSize: 32 * 1024 },
    (req, res) => {
      const path = (req.url ?? '/').split('?')[0] as string;
      const service = routeOf(path);
      if (hasLongPath(req)) {
        refuse(req, res, service, 414, 'The path is too long.', requestIdOf(req));
        return;
      }
      if (service) {
        proxy(req, res, service, options);
        return;
      }
      own(req, res, path).catch((err: unknown) => {
        log.warn({ err }, 'the gateway could not answer');
        refuse(req, res, undefined, 503, 'Not available; try again in a moment.', requestIdOf(req));
      });
    },
  );
  answerBrokenMessages(server);
  const port = await listen(server, config.NEFOS_GATEWAY_PORT, config.NEFOS_HOST);
  const operator = http.createServer((req, res) => {
    void metrics.registry.metrics().then((text) => {
      res.writeHead(req.url === '/metrics' ? 200 : 404, { 'Content-Type': metrics.registry.contentType }).end(req.url === '/metrics' ? text : '');
    });
  });
  if (config.NEFOS_GATEWAY_METRICS_PORT !== undefined) await listen(operator, config.NEFOS_GATEWAY_METRICS_PORT, config.NEFOS_HOST);
  log.info({ port }, 'listening');
  return {
    log,
    port,
    stop: async () => {
      operator.close();
      await drain(server, config.NEFOS_DRAIN_SECONDS);
      closeAgents();
    },
  };
};
