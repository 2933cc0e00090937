import http from 'node:http';
import https from 'node:https';
import type { ServiceName } from './routes.js';

/** A service behind the gateway. Its address is taken apart once, not for every request. */
export interface Upstream {
  readonly name: ServiceName;
  readonly url: string;
  readonly host: string;
  request(options: http.RequestOptions): http.ClientRequest;
  close(): void;
}

/**
 * Idle connections are let go before the services close them (76 s), so that no request runs into a closing one. Their number has no bound of its
 * own: a client's connection has one request in work, and the number of clients is bounded. With one, clients that do not read could hold all.
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

/** One small request of the gateway's own; answers over `limit` bytes are refused. */
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
    const late = setTimeout(() => req.destroy(new Error('timeout')), seconds * 1000);
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
      clearTimeout(late);
      reject(new Error('closed'));
    });
    req.end();
  });
