import type http from 'node:http';
import type { Socket } from 'node:net';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';
import { createLogThrottle } from './log-throttle.js';
import { closeSoon, rawAnswer } from './raw-answer.js';
import { logSecurity } from './security-log.js';

/** Limits of connections. */
export interface ConnectionLimits {
  /** Open connections of a server; beyond that idle ones are closed, and new ones get a 503. */
  connections: number;
  /** Pipelined requests that may wait on one connection; one more closes it. */
  waitingRequests: number;
  /** Seconds in which a client must take some bytes of a waiting answer. */
  stallSeconds: number;
  /** Bytes that all connections of a server together may have waiting; the fullest are closed first. */
  waitingBytes: number;
}
export const CONNECTION_LIMITS: ConnectionLimits = {
  connections: 10_000,
  waitingRequests: 32,
  stallSeconds: 15,
  waitingBytes: 256 * 1024 * 1024,
};
/** Connections beyond the limit that get a 503; further ones are closed without an answer. */
const REFUSED_WITH_ANSWER = 1000;

/** What the server knows about one socket: its latest request and that request's answer. */
export interface Connection {
  req: http.IncomingMessage | undefined;
  res: http.ServerResponse | undefined;
  /** Requests that wait for the answers before them. */
  waiting: number;
  /**
   * The latest request is the last one: the connection ends after its answer. It still gets an answer, also when its
   * body is broken.
   */
  last: boolean;
  /** The body of the latest request is exempt from the time limit of a request, see `watchLongBody`. */
  longBody: boolean;
  /** The last answer is sent, or is due: what comes on this connection later is neither handled nor answered. */
  over: boolean;
}
const CONNECTION = Symbol('connection');
export const connectionOf = (socket: Socket): Connection =>
  ((socket as Socket & { [CONNECTION]?: Connection })[CONNECTION] ??= {
    req: undefined,
    res: undefined,
    waiting: 0,
    last: false,
    longBody: false,
    over: false,
  });

export type ClosedFor = 'connections' | 'pipelining' | 'slow_reader' | 'waiting_bytes';
export type CountClosed = (reason: ClosedFor, socket: Socket) => void;
/** Counts closed connections, and logs one per reason and five seconds, with the client's address. */
export const closedCounter = (metrics: Metrics | undefined, log?: Log): CountClosed => {
  const throttle = createLogThrottle();
  const counter = metrics?.counter(
    'nefos_http_connections_closed_total',
    'Connections that the server ended for its own protection',
    ['reason'],
  );
  return (reason, socket) => {
    counter?.inc({ reason });
    const logFields = throttle(reason);
    if (log && logFields)
      logSecurity(log, {
        event: 'connection',
        result: 'refused',
        who: null,
        from: socket.remoteAddress ?? null,
        why: reason,
        request_id: '',
        ...logFields,
      });
  };
};

/**
 * Keeps a server's connections within their limits. The work is done per connection and in a periodic check, so that
 * a request costs nothing: the check gives each socket with waiting bytes node's own inactivity timer, which knows
 * whether a large write makes progress.
 */
export const limitConnections = (server: http.Server, limits: ConnectionLimits, closed: CountClosed): void => {
  const sockets = new Set<Socket>();
  const stallMs = Math.ceil(limits.stallSeconds * 1000);
  let madeRoomAt = 0;
  server.maxConnections = limits.connections + REFUSED_WITH_ANSWER;
  server.on('connection', (socket: Socket) => {
    if (sockets.size >= limits.connections) {
      const now = Date.now();
      if (now - madeRoomAt > 1000) {
        madeRoomAt = now;
        server.closeIdleConnections();
      } else {
        closed('connections', socket);
        connectionOf(socket).over = true;
        socket.end(rawAnswer(503, 'Too many connections; try again in a moment.', ['Retry-After: 1']));
        closeSoon(socket);
      }
    }
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });

  const check = setInterval(() => {
    let total = 0;
    for (const socket of sockets) {
      const waiting = socket.writableLength;
      total += waiting;
      if (waiting > 0 && socket.timeout !== stallMs) socket.setTimeout(stallMs);
      else if (waiting === 0 && socket.timeout === stallMs) socket.setTimeout(0);
    }
    if (total <= limits.waitingBytes) return;
    for (const socket of [...sockets].sort((a, b) => b.writableLength - a.writableLength)) {
      if (total <= limits.waitingBytes) break;
      total -= socket.writableLength;
      closed('waiting_bytes', socket);
      socket.destroy();
    }
  }, stallMs / 3).unref();
  server.on('close', () => clearInterval(check));
  // Node's keep-alive timer comes here too: an idle connection ends.
  server.on('timeout', (socket: Socket) => {
    if (socket.timeout === stallMs) {
      if (socket.writableLength === 0) return;
      closed('slow_reader', socket);
    }
    socket.destroy();
  });
};
