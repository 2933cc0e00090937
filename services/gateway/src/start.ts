import {
  createGuardedServer,
  createLog,
  createMetrics,
  drain,
  hasLongPath,
  listen,
  masked,
  parsePeers,
  type Fault,
  type GuardedOptions,
  type Metrics,
  type Running,
} from '@nefos/service-kit';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { GatewayConfig } from './config.js';
import { makeOwnPages } from './own.js';
import { proxy, type ProxyOptions } from './proxy.js';
import { pathOf, refuse } from './refuse.js';
import { isSocket, routeOf, type ServiceName } from './routes.js';
import { createTunnels } from './tunnels.js';
import { makeUpstream, type Upstream } from './upstream.js';

const STATUS: Partial<Record<Fault['kind'], number>> = { invalid: 400, expectation: 417 };
const refuseFault = (req: IncomingMessage, res: ServerResponse, { kind, params }: Fault): void =>
  refuse(req, res, {
    status: STATUS[kind] ?? 500,
    message: typeof params.detail === 'string' ? params.detail : 'A server error occurred.',
  });

/** Serves /metrics for the operator; listens on NEFOS_GATEWAY_METRICS_PORT. */
const operatorServer = (metrics: Metrics): Server =>
  createGuardedServer({
    handle: (req, res) => {
      if (req.url !== '/metrics') {
        refuse(req, res, { status: 404, message: 'Not found.' });
        return;
      }
      metrics.registry.metrics().then(
        (text) => res.writeHead(200, { 'Content-Type': metrics.registry.contentType }).end(text),
        () => res.destroy(),
      );
    },
    refuse: refuseFault,
  });

/** Counts requests in `nefos_gateway_request_seconds`. The series are kept, so a request looks none up by labels. */
const requestCounter = (metrics: Metrics): ProxyOptions['finished'] => {
  const seconds = metrics.histogram(
    'nefos_gateway_request_seconds',
    'Time from request to end of answer',
    ['upstream', 'status'],
    [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10],
  );
  const series = new Map<string, { observe(value: number): void }>();
  return (upstream, status, took) => {
    const key = `${status} ${upstream}`;
    let one = series.get(key);
    if (!one) series.set(key, (one = seconds.labels(upstream, String(status))));
    one.observe(took);
  };
};

/**
 * Starts the gateway, the one origin that clients call: it routes by path, limits, and gives every request an id. It
 * holds no business rule.
 * @param server settings of the HTTP server that differ from the kit's
 */
export const start = async (
  config: GatewayConfig,
  server: Pick<GuardedOptions, 'headersTimeout' | 'requestTimeout' | 'limits'> = {},
): Promise<Running & { port: number }> => {
  const log = createLog('gateway', config.NEFOS_LOG_LEVEL);
  const metrics = createMetrics('gateway');
  log.info({ settings: masked(config) }, 'starting');
  const upstreams: Record<ServiceName, Upstream> = {
    identity: makeUpstream('identity', config.NEFOS_IDENTITY_URL),
    compute: makeUpstream('compute', config.NEFOS_COMPUTE_URL),
    metering: makeUpstream('metering', config.NEFOS_METERING_URL),
    introspection: makeUpstream('introspection', config.NEFOS_INTROSPECTION_URL),
  };
  const streams = new Set<() => void>();
  const tunnels = createTunnels(
    {
      total: config.NEFOS_GATEWAY_SOCKETS,
      perAddress: config.NEFOS_GATEWAY_SOCKETS_PER_ADDRESS,
      idleSeconds: config.NEFOS_GATEWAY_SOCKET_IDLE_SECONDS,
    },
    metrics,
  );
  const options: ProxyOptions = {
    streams,
    tunnels,
    bodyLimit: config.NEFOS_GATEWAY_BODY_LIMIT,
    upstreamSeconds: config.NEFOS_GATEWAY_UPSTREAM_SECONDS,
    trusted: parsePeers(config.NEFOS_GATEWAY_TRUSTED_PEERS),
    log,
    accessLog: config.NEFOS_GATEWAY_ACCESS_LOG === 'on',
    finished: requestCounter(metrics),
  };
  const own = makeOwnPages({ upstreams, publicUrl: config.NEFOS_PUBLIC_URL, log });
  const front = createGuardedServer({
    ...server,
    limits: { connections: config.NEFOS_GATEWAY_CONNECTIONS, ...server.limits },
    log,
    metrics,
    corsOrigins: config.NEFOS_CORS_ORIGINS,
    upgrades: (req) => isSocket(pathOf(req)),
    handle: (req, res) => {
      if (hasLongPath(req)) {
        refuse(req, res, { status: 414, message: 'The path is too long.' });
        return;
      }
      const path = pathOf(req);
      const service = routeOf(path);
      if (service) proxy(req, res, upstreams[service], options);
      else own(req, res, path);
    },
    refuse: refuseFault,
  });
  const port = await listen(front, config.NEFOS_GATEWAY_PORT, config.NEFOS_HOST);
  const operator = operatorServer(metrics);
  if (config.NEFOS_GATEWAY_METRICS_PORT !== undefined)
    await listen(operator, config.NEFOS_GATEWAY_METRICS_PORT, config.NEFOS_SERVICES_HOST);
  log.info({ port }, 'listening');
  return {
    log,
    metrics,
    port,
    stop: async () => {
      operator.close();
      operator.closeAllConnections();
      for (const end of streams) end();
      await tunnels.stop();
      await drain(front, config.NEFOS_DRAIN_SECONDS);
      for (const one of Object.values(upstreams)) one.close();
    },
  };
};
