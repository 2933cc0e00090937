import http from 'node:http';
import https from 'node:https';
import type { ServiceName } from './routes.js';

/** A service behind the gateway. Its address is parsed once, not for every request. */
export interface Upstream {
  readonly name: ServiceName;
  readonly url: string;
  readonly host: string;
  request(options: http.RequestOptions): http.ClientRequest;
  close(): void;
}

/**
 * Idle connections are closed before the services close them (76 s), so no request is sent on one that is closing.
 * `maxSockets` is not set: a client's connection has one request at a time and NEFOS_GATEWAY_CONNECTIONS limits those.
 * With a limit here, clients that do not read their answers could occupy every connection to a service.
 */
const AGENT = { keepAlive: true, maxFreeSockets: 100, timeout: 60_000 };

export const makeUpstream = (name: ServiceName, url: string): Upstream => {
  const { protocol, hostname, port, host } = new URL(url);
  const secure = protocol === 'https:';
  const agent = secure ? new https.Agent(AGENT) : new http.Agent(AGENT);
  const address = { protocol, hostname: hostname.replace(/^\[|\]$/g, ''), port, agent, setHost: false };
  const send = secure ? https.request : http.request;
  return { name, url, host, request: (options) => send({ ...address, ...options }), close: () => agent.destroy() };
};

/**
 * One small GET of the gateway's own.
 * @param settings `limit` is bytes of the answer, `seconds` the time for all of it
 * @throws when the service can not be reached, takes too long, or answers more than `limit` bytes
 */
export const ask = (
  upstream: Upstream,
  path: string,
  {
    headers = {},
    limit = 64 * 1024,
    seconds = 3,
  }: { headers?: Record<string, string>; limit?: number; seconds?: number } = {},
): Promise<{ status: number; headers: http.IncomingHttpHeaders; body: Buffer }> =>
  new Promise((resolve, reject) => {
    const req = upstream.request({ path, headers: { Host: upstream.host, ...headers } });
    const deadline = setTimeout(() => req.destroy(new Error('timeout')), seconds * 1000);
    req.on('response', (res) => {
      const parts: Buffer[] = [];
      let size = 0;
      res.on('data', (part: Buffer) => {
        size += part.length;
        parts.push(part);
        if (size > limit) req.destroy(new Error(`more than ${limit} bytes`));
      });
      res.on('end', () => resolve({ status: res.statusCode ?? 0, headers: res.headers, body: Buffer.concat(parts) }));
      res.on('error', reject);
    });
    req.on('error', reject);
    req.on('close', () => {
      clearTimeout(deadline);
      reject(new Error('closed'));
    });
    req.end();
  });
