import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { answerBrokenMessages, watchOffer } from './broken-messages.js';
import {
  closedCounter,
  CONNECTION_LIMITS,
  connectionOf,
  limitConnections,
  type ConnectionLimits,
} from './http-connections.js';
import { makeCors } from './cors.js';
import { Fault } from './fault.js';
import type { Log } from './log.js';
import { messageFault } from './message-check.js';
import type { Metrics } from './metrics.js';
import { SERVER_METHODS } from './raw-answer.js';
import { handOnOffers, messageClass, offersUpgrade, type TakesUpgrades } from './upgrades.js';

export interface GuardedOptions extends http.ServerOptions {
  /** Answers a request. */
  handle: (req: IncomingMessage, res: ServerResponse) => void;
  /** Answers a request that can not be handled, in the service's own words. */
  refuse: (req: IncomingMessage, res: ServerResponse, fault: Fault) => void;
  log?: Log | undefined;
  metrics?: Metrics | undefined;
  limits?: Partial<ConnectionLimits> | undefined;
  /** Origins whose pages may call the APIs; none when absent. */
  corsOrigins?: readonly string[] | undefined;
  /** Which requests may go on as WebSockets (`takeUpgrade`); none when absent. Offers elsewhere are ignored. */
  upgrades?: TakesUpgrades | undefined;
}

/** A name in the list of the header Connection. */
const UPGRADE = /\bupgrade\b/i;
const EXPECTATION = new Fault('expectation', 'request.expectation', {
  detail: 'The expectation in the Expect header can not be met.',
});

/**
 * An HTTP server for untrusted clients. Every request gets exactly one answer, in the order of the requests. A
 * connection has one request in progress, and the next begins when its answer has been sent. An error thrown by a
 * handler fails that request only.
 */
export const createGuardedServer = ({
  handle,
  refuse,
  log,
  metrics,
  limits,
  corsOrigins = [],
  upgrades,
  ...options
}: GuardedOptions): http.Server => {
  const allLimits = { ...CONNECTION_LIMITS, ...limits };
  const closed = closedCounter(metrics, log);
  const cors = makeCors(corsOrigins);
  const thrown = metrics?.counter(
    'nefos_http_thrown_total',
    'Errors that were thrown while a request was handled, and answered with 500',
  );

  const failed = (req: IncomingMessage, res: ServerResponse, err: unknown): void => {
    thrown?.inc();
    log?.error({ err, method: req.method }, 'unexpected error');
    if (!res.headersSent && !res.destroyed) {
      try {
        for (const name of res.getHeaderNames()) res.removeHeader(name);
        refuse(req, res, new Fault('internal', 'internal', {}, { cause: err }));
        return;
      } catch {
        /* no other answer is possible */
      }
    }
    res.destroy();
  };
  const work = (req: IncomingMessage, res: ServerResponse, found: Fault | undefined): void => {
    try {
      const fault = messageFault(req) ?? found;
      if (cors?.(req, res, fault === undefined)) return;
      if (fault) {
        // The bytes that follow may be no message: the connection ends.
        res.shouldKeepAlive = false;
        connectionOf(req.socket).last = true;
        refuse(req, res, fault);
      } else if (req.url === '*') res.writeHead(204, { Allow: SERVER_METHODS }).end();
      else handle(req, res);
    } catch (err) {
      failed(req, res, err);
    }
  };
  const take = (req: IncomingMessage, res: ServerResponse, fault?: Fault): void => {
    const connection = connectionOf(req.socket);
    if (connection.over || connection.last || !req.socket.writable) return;
    connection.req = req;
    connection.res = res;
    connection.longBody = false;
    // Node drops further requests that came in one packet with such a request: the client has to send them again.
    if (req.headers.upgrade !== undefined && UPGRADE.test(req.headers.connection ?? '')) {
      res.shouldKeepAlive = false;
      connection.last = true;
      if (!offersUpgrade(req)) watchOffer(req);
    }
    if (res.socket !== null) {
      work(req, res, fault);
      return;
    }
    // Node gives an answer its socket when the one before it has been sent.
    connection.waiting += 1;
    if (connection.waiting > allLimits.waitingRequests) {
      connection.over = true;
      closed('pipelining', req.socket);
      req.socket.destroy();
      return;
    }
    res.once('socket', () => {
      connection.waiting -= 1;
      // In a later turn of the event loop, so that other connections get theirs.
      setImmediate(() => {
        if (!res.destroyed && res.socket?.writable) work(req, res, fault);
      });
    });
  };

  const server = http.createServer(
    {
      keepAliveTimeout: 76_000,
      headersTimeout: 15_000,
      requestTimeout: 60_000,
      connectionsCheckingInterval: 2000,
      maxHeaderSize: 32 * 1024,
      IncomingMessage: messageClass(upgrades),
      ...options,
      requireHostHeader: false, // node's own answer has no body; see messageFault
    },
    (req, res) => take(req, res),
  );
  // No limit on their number, since node drops further headers silently; maxHeaderSize bounds them.
  server.maxHeadersCount = 0;
  // A client may end its side after its requests (`nc -N`) and still read the answers.
  (server as http.Server & { httpAllowHalfOpen: boolean }).httpAllowHalfOpen = true;
  server.on('checkExpectation', (req: IncomingMessage, res: ServerResponse) => take(req, res, EXPECTATION));
  if (upgrades) handOnOffers(server, options.ServerResponse ?? http.ServerResponse, take);
  answerBrokenMessages(server);
  limitConnections(server, allLimits, closed);
  return server;
};
