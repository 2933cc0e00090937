import { randomUUID } from 'node:crypto';
import http from 'node:http';
import type { Socket } from 'node:net';
import express, { type Express, type Request, type Response } from 'express';
import type { Ctx, RequestCtx } from './ctx.js';
import type { Metrics } from './metrics.js';
import { hasLongPath, refuseLongPath } from './target.js';

/** An Express application with the settings that every service shares. */
export const createApp = (): Express => {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.set('case sensitive routing', true);
  app.set('query parser', 'simple');
  return app;
};

/**
 * Serves an Express application at nearly the speed of bare node:http. Express changes the prototype of every request and response,
 * which costs more than all the rest; here node's classes already have Express's prototypes, so nothing is left to change (stack notes 3.1).
 */
export const createFastServer = (
  app: Express,
  options: http.ServerOptions = {},
  hot?: (req: http.IncomingMessage, res: http.ServerResponse) => boolean,
): http.Server => {
  class Req extends http.IncomingMessage {}
  class Res extends http.ServerResponse {}
  for (const [target, from, key] of [
    [Req, express.request, 'request'],
    [Res, express.response, 'response'],
  ] as const) {
    const { constructor: _c, ...props } = Object.getOwnPropertyDescriptors(from) as Record<string, PropertyDescriptor>;
    Object.defineProperties(target.prototype, { ...props, app: { configurable: true, enumerable: true, writable: true, value: app } });
    (app as unknown as Record<string, unknown>)[key] = target.prototype;
  }
  const listener = app as unknown as http.RequestListener;
  const server = http.createServer(
    {
      keepAliveTimeout: 76_000,
      headersTimeout: 15_000,
      requestTimeout: 60_000,
      connectionsCheckingInterval: 2_000,
      maxHeaderSize: 32 * 1024,
      ...options,
      IncomingMessage: Req,
      ServerResponse: Res as unknown as typeof http.ServerResponse,
    },
    (req, res) => {
      if (hasLongPath(req)) refuseLongPath(res);
      else if (!hot?.(req, res)) listener(req, res);
    },
  );
  answerBrokenMessages(server);
  return server;
};

/** A message that is not HTTP has no path, so no dialect: one sentence for all (contract compute §1 T11). */
export const answerBrokenMessages = (server: http.Server): void => {
  const answered = new WeakSet<Socket>();
  server.on('clientError', (err: NodeJS.ErrnoException, socket: Socket) => {
    if (answered.has(socket)) return; // what still comes is thrown away until the socket is closed below
    if (err.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    answered.add(socket);
    const [status, detail] =
      err.code === 'HPE_HEADER_OVERFLOW'
        ? ['431 Request Header Fields Too Large', 'Request header fields too large.']
        : err.code === 'ERR_HTTP_REQUEST_TIMEOUT'
          ? ['408 Request Timeout', 'The request took too long.']
          : ['400 Bad Request', 'Bad request.'];
    const body = JSON.stringify({ detail });
    socket.end(`HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`);
    const close = setTimeout(() => socket.destroy(), LINGER_MS);
    socket.once('close', () => clearTimeout(close));
    socket.once('end', () => socket.destroy());
    socket.on('error', () => undefined);
  });
};

const LINGER_MS = 2000;
const LINGER_BYTES = 32 * 1024 * 1024;
/**
 * For an answer that is given before the body was read. Closing a socket with unread bytes makes the system throw away what the peer
 * has not read of the answer; so the answer goes out at once, the rest of the body is read and dropped for a while, and then the connection ends.
 */
export const lingerBeforeClose = (req: http.IncomingMessage, res: http.ServerResponse): void => {
  if (req.complete || req.destroyed) return;
  if (!res.headersSent) res.setHeader('Connection', 'close');
  const end = res.end.bind(res) as (chunk?: unknown) => http.ServerResponse;
  res.end = ((chunk?: unknown) => {
    if (chunk !== undefined && chunk !== null && typeof chunk !== 'function') res.write(chunk);
    else res.flushHeaders();
    let size = 0;
    let timer: NodeJS.Timeout | undefined;
    const close = (): void => {
      clearTimeout(timer);
      req.off('data', count);
      req.off('end', close);
      req.off('close', close);
      end();
    };
    const wait = (): void => {
      clearTimeout(timer);
      timer = setTimeout(close, LINGER_MS);
    };
    const count = (part: Buffer): void => {
      size += part.length;
      if (size > LINGER_BYTES) close();
      else wait();
    };
    req.on('data', count);
    req.once('end', close);
    req.once('close', close);
    req.resume();
    wait();
    return res;
  }) as typeof res.end;
};

const REQUEST_ID = /^(req-)?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** The id that a request carries through all services: the caller's, if it looks like one, else a new one. */
export const requestIdOf = (req: http.IncomingMessage): string => {
  const sent = req.headers['x-request-id'];
  return typeof sent === 'string' && REQUEST_ID.test(sent) ? sent : `req-${randomUUID()}`;
};
/** Makes the context of one request, once: later calls give the same. */
export const requestContexts = <C extends Ctx>(ctx: C): ((req: Request) => RequestCtx<C>) => {
  const known = new WeakMap<object, RequestCtx<C>>();
  return (req) => {
    let found = known.get(req);
    if (!found) known.set(req, (found = { ...ctx, requestId: requestIdOf(req), principal: null }));
    return found;
  };
};

export interface Readiness {
  [name: string]: () => Promise<boolean>;
}
/** /healthz, /readyz, /metrics and /openapi.json: for the operator; the gateway does not hand them on. */
export const mountOperational = (app: Express, { metrics, ready, openapi }: { metrics: Metrics; ready: Readiness; openapi: () => object }): void => {
  const json = (res: Response, status: number, body: unknown): void => {
    const text = JSON.stringify(body);
    res.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text), 'Cache-Control': 'no-store' }).end(text);
  };
  let document: string | undefined;
  app.get('/healthz', (_req, res) => json(res, 200, { status: 'ok' }));
  app.get('/readyz', (_req, res) => {
    void (async () => {
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
    })();
  });
  app.get('/metrics', (_req, res) => {
    void metrics.registry.metrics().then((text) => {
      res.writeHead(200, { 'Content-Type': metrics.registry.contentType }).end(text);
    });
  });
  app.get('/openapi.json', (_req, res) => {
    document ??= JSON.stringify(openapi());
    res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(document) }).end(document);
  });
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
