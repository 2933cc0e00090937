import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { BlockList } from 'node:net';
import { announcesBody, isTrustedPeer, lingerBeforeClose, requestIdOf, type Log } from '@nefos/service-kit';
import { faultBody } from './faults.js';
import type { ServiceName } from './routes.js';

export interface ProxyOptions {
  urls: Record<ServiceName, string>;
  bodyLimit: number;
  upstreamSeconds: number;
  trusted: BlockList;
  log: Log;
  accessLog: boolean;
  finished: (service: string, status: number, seconds: number) => void;
}

const HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
]);
/** What says where the message ends and whom it is for: a Connection header that names these is not obeyed, or the body could pass for a request of its own. */
const ESSENTIAL = new Set(['content-length', 'host']);
/** Headers that a stranger may not set for the services behind. */
const INTERNAL = new Set(['x-rh-identity', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto']);

const agents = new Map<string, http.Agent>();
// Idle connections are let go before the services close them (76 s), so that no request runs into a closing one.
const agentOf = (url: string): http.Agent => {
  let agent = agents.get(url);
  if (!agent) agents.set(url, (agent = new http.Agent({ keepAlive: true, maxSockets: 1000, maxFreeSockets: 100, timeout: 60_000 })));
  return agent;
};

const forwarded = (req: IncomingMessage, requestId: string, trusted: boolean): Record<string, string | string[]> => {
  const headers: Record<string, string | string[]> = {};
  const named = new Set(
    (req.headers.connection ?? '')
      .toLowerCase()
      .split(',')
      .map((s) => s.trim()),
  );
  for (let i = 0; i < req.rawHeaders.length; i += 2) {
    const name = (req.rawHeaders[i] as string).toLowerCase();
    const value = req.rawHeaders[i + 1] as string;
    if (HOP.has(name) || (named.has(name) && !ESSENTIAL.has(name)) || (INTERNAL.has(name) && !trusted)) continue;
    const had = headers[name];
    headers[name] = had === undefined ? value : Array.isArray(had) ? [...had, value] : [had, value];
  }
  const before = trusted ? headers['x-forwarded-for'] : undefined;
  headers['x-forwarded-for'] = [before, (req.socket.remoteAddress ?? '').replace(/^::ffff:/, '')].flat().filter(Boolean).join(', ');
  headers['x-forwarded-host'] ??= req.headers.host ?? '';
  headers['x-forwarded-proto'] ??= 'http';
  headers['x-request-id'] = requestId;
  return headers;
};

/** Writes a refusal of the gateway; what the client still sends is not waited for. */
export const refuse = (
  req: IncomingMessage,
  res: ServerResponse,
  service: ServiceName | undefined,
  status: number,
  message: string,
  requestId: string,
): void => {
  if (res.headersSent || res.destroyed) {
    res.destroy();
    return;
  }
  if (announcesBody(req)) {
    req.unpipe();
    lingerBeforeClose(req, res);
  }
  const { body, headers } = faultBody(service, (req.url ?? '').split('?')[0] ?? '', status, message);
  res.writeHead(status, [
    ...headers,
    'Content-Length',
    String(Buffer.byteLength(body)),
    'X-Request-Id',
    requestId,
    ...(status === 503 ? ['Retry-After', '1'] : []),
    ...(req.complete ? [] : ['Connection', 'close']),
  ]);
  res.end(req.method === 'HEAD' ? undefined : body);
};

/** Hands one request on and streams both ways. A service may answer before the body has come (contract compute §1 T5). */
export const proxy = (
  req: IncomingMessage,
  res: ServerResponse,
  service: ServiceName,
  { urls, bodyLimit, upstreamSeconds, trusted, log, accessLog, finished }: ProxyOptions,
): void => {
  const start = process.hrtime.bigint();
  const requestId = requestIdOf(req);
  const url = urls[service];
  const done = (status: number): void => {
    const seconds = Number(process.hrtime.bigint() - start) / 1e9;
    finished(service, status, seconds);
    if (accessLog)
      log.info(
        {
          request_id: requestId,
          method: req.method,
          path: (req.url ?? '').split('?')[0],
          service,
          status,
          ms: Math.round(seconds * 1000),
          peer: req.socket.remoteAddress,
        },
        'request',
      );
  };
  res.once('close', () => done(res.statusCode));
  const length = Number(req.headers['content-length'] ?? 0);
  if (length > bodyLimit) {
    refuse(req, res, service, 413, `The request body is larger than ${bodyLimit} bytes.`, requestId);
    return;
  }
  const hasBody = announcesBody(req);
  const headers = forwarded(req, requestId, isTrustedPeer(trusted, req.socket.remoteAddress));
  if (req.headers['transfer-encoding'] !== undefined) headers['transfer-encoding'] = 'chunked';
  const upstream = http.request(url, { method: req.method, path: req.url, headers, agent: agentOf(url), setHost: false });
  // Whoever settles first answers: the service, or the gateway in its place.
  let settled = false;
  const say = (status: number, message: string): void => {
    clearTimeout(late);
    if (settled) return;
    settled = true;
    refuse(req, res, service, status, message, requestId);
  };
  const late = setTimeout(() => {
    say(504, `The ${service} service did not answer in time; try again.`);
    upstream.destroy();
  }, upstreamSeconds * 1000);
  upstream.on('response', (answer) => {
    clearTimeout(late);
    const raw: string[] = [];
    for (let i = 0; i < answer.rawHeaders.length; i += 2)
      if (!HOP.has((answer.rawHeaders[i] as string).toLowerCase())) raw.push(answer.rawHeaders[i] as string, answer.rawHeaders[i + 1] as string);
    if (!req.complete) raw.push('Connection', 'close');
    if (settled || res.destroyed) {
      answer.resume();
      return;
    }
    settled = true;
    if (hasBody && !req.complete) {
      req.unpipe(upstream);
      lingerBeforeClose(req, res);
    }
    res.writeHead(answer.statusCode ?? 502, raw);
    answer.pipe(res);
    answer.on('error', () => res.destroy());
  });
  upstream.on('error', (err: NodeJS.ErrnoException) => {
    if (settled || res.destroyed) return;
    log.warn({ err: { code: err.code, message: err.message }, service, request_id: requestId }, 'a service does not answer');
    if (['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH'].includes(err.code ?? '')) say(503, `The ${service} service is not available; try again in a moment.`);
    else say(502, `The ${service} service broke off its answer; try again.`);
  });
  res.on('close', () => {
    clearTimeout(late);
    if (!res.writableFinished) upstream.destroy();
  });
  if (!hasBody) {
    upstream.end();
    return;
  }
  upstream.flushHeaders();
  let size = 0;
  req.on('data', (part: Buffer) => {
    size += part.length;
    if (size > bodyLimit && !settled) {
      say(413, `The request body is larger than ${bodyLimit} bytes.`);
      upstream.destroy();
    }
  });
  req.pipe(upstream);
  req.on('error', () => upstream.destroy());
};
export const closeAgents = (): void => {
  for (const agent of agents.values()) agent.destroy();
  agents.clear();
};
