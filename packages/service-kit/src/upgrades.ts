import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { connectionOf } from './http-connections.js';
import { closeSoon } from './raw-answer.js';

// A request that offers to go on as a WebSocket is a request like any other: it has a path, an id and an answer. Only
// if the server takes offers at its path, and the handler takes this one, the connection changes its protocol.

/** Whether a server takes offers of a WebSocket at the path of this request. */
export type TakesUpgrades = (req: IncomingMessage) => boolean;

/** A connection that goes on as a WebSocket. */
export interface Upgrade {
  socket: Socket;
  /** What the client has sent after its request. */
  head: Buffer;
}
interface Offer extends Upgrade {
  res: ServerResponse;
  taken: boolean;
}
const offers = new WeakMap<IncomingMessage, Offer>();

/**
 * A whole offer of a WebSocket (RFC 6455 §4.1): a GET of HTTP/1.1 without a body or an expectation, that names no other
 * protocol, on a connection where no answer is due. Everything else is an ordinary request.
 */
const isWholeOffer = (req: IncomingMessage): boolean => {
  const { over, last, waiting, res } = connectionOf(req.socket);
  return (
    req.method === 'GET' &&
    req.httpVersionMajor === 1 &&
    req.httpVersionMinor === 1 &&
    req.headers.upgrade?.trim().toLowerCase() === 'websocket' &&
    (req.headers['content-length'] ?? '0') === '0' &&
    req.headers['transfer-encoding'] === undefined &&
    req.headers.expect === undefined &&
    !over &&
    !last &&
    waiting === 0 &&
    (res === undefined || res.writableFinished)
  );
};

const OFFERED = Symbol('offered');
const WHOLE = Symbol('whole');
/**
 * The class of a server's requests. Node asks a request for its `upgrade` when it has read the headers, and turns every
 * offer into an event as soon as there is a listener, whatever its path and with its body unread. This class gives it
 * only the offers that the server takes.
 */
export const messageClass = (takes: TakesUpgrades | undefined): typeof IncomingMessage => {
  if (!takes) return http.IncomingMessage;
  return class extends http.IncomingMessage {
    declare [OFFERED]: boolean | null;
    declare [WHOLE]?: boolean;
    get upgrade(): boolean | null {
      if (this[OFFERED] !== true || this.method === 'CONNECT') return this[OFFERED];
      return (this[WHOLE] ??= isWholeOffer(this) && takes(this));
    }
    set upgrade(offered: boolean | null) {
      this[OFFERED] = offered;
    }
  };
};

const emitClose = (res: ServerResponse): void => {
  res.destroyed = true;
  res.emit('close');
};
/** An answer on a connection that node has let go; the connection ends after it. */
const answerOn = (Response: typeof http.ServerResponse, req: IncomingMessage, socket: Socket): ServerResponse => {
  const res = new Response(req);
  res.shouldKeepAlive = false;
  res.assignSocket(socket);
  // Node has removed its listeners.
  socket.on('error', () => undefined);
  socket.on('drain', () => (socket as Socket & { _httpMessage?: ServerResponse })._httpMessage?.emit('drain'));
  res.once('finish', () => {
    res.detachSocket(socket);
    process.nextTick(emitClose, res);
    socket.resume();
    socket.end();
    closeSoon(socket);
  });
  return res;
};
/** Hands offers to `take` as ordinary requests, which `takeUpgrade` turns into WebSockets. */
export const handOnOffers = (
  server: http.Server,
  Response: typeof http.ServerResponse,
  take: (req: IncomingMessage, res: ServerResponse) => void,
): void => {
  server.on('upgrade', (req: IncomingMessage, socket: Socket, head: Buffer) => {
    const res = answerOn(Response, req, socket);
    offers.set(req, { socket, head, res, taken: false });
    take(req, res);
  });
};

/** Whether the request offers a WebSocket that the server may take. */
export const offersUpgrade = (req: IncomingMessage): boolean => offers.has(req);
/** Whether its connection is a WebSocket by now: the request gets no other answer. */
export const isUpgraded = (req: IncomingMessage): boolean => offers.get(req)?.taken === true;
/**
 * Takes the connection out of the hands of HTTP; whoever calls this writes the answer 101, and ends the connection. The
 * request's answer has the status 101 from now on, and closes with the connection, for logs and metrics.
 * @returns undefined when it offers none, is answered already, or is gone
 */
export const takeUpgrade = (req: IncomingMessage): Upgrade | undefined => {
  const offer = offers.get(req);
  if (!offer || offer.taken || offer.res.headersSent || offer.socket.destroyed) return undefined;
  const { socket, head, res } = offer;
  offer.taken = true;
  res.detachSocket(socket);
  res.statusCode = 101;
  connectionOf(socket).over = true;
  socket.setNoDelay(true);
  socket.once('close', () => emitClose(res));
  return { socket, head };
};
