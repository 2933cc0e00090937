import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import type { BlockList, Socket } from 'node:net';
import {
  announcesBody,
  isTrustedPeer,
  isUpgraded,
  lingerBeforeClose,
  logSecurity,
  createLogThrottle,
  offersUpgrade,
  requestIdOf,
  takeUpgrade,
  watchLongBody,
  type Log,
} from '@nefos/service-kit';
import { recordRequest, type RecordOptions } from './access-log.js';
import { answerHeaders, clientAddress, requestHeaders, switchingAnswer } from './forward.js';
import { pathOf, refuse } from './refuse.js';
import { bodyLimitOf, isUpload } from './routes.js';
import type { Carried, Tunnels } from './tunnels.js';
import type { Upstream } from './upstream.js';

export interface ProxyOptions extends RecordOptions {
  /** Bytes of a request body; uploads have the limit of their service. */
  bodyLimit: number;
  /** How long a service may take to begin its answer, counted from the end of the request. */
  upstreamSeconds: number;
  /** Peers whose X-RH-IDENTITY and X-Forwarded-* are handed on. */
  trusted: BlockList;
  /** What ends the streams of events that are open; they have no end of their own. */
  streams: Set<() => void>;
  tunnels: Tunnels;
}

/** A request on its way to a service, and the answer on its way back. */
interface Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly service: Upstream;
  readonly requestId: string;
  readonly hasBody: boolean;
  /** Bytes that the body may have. */
  readonly bodyLimit: number;
  readonly options: ProxyOptions;
  /** An answer has begun: the service's, or a refusal of the gateway. There is no second one. */
  answered: boolean;
  /** The request offers a WebSocket, which the service may take. */
  readonly offers: boolean;
  /** What a WebSocket has carried by now. */
  carried: (() => Carried) | undefined;
  deadline: NodeJS.Timeout | undefined;
}

/** Codes of Node for a header or a path that it does not send. */
const UNSENDABLE = new Set([
  'ERR_INVALID_CHAR',
  'ERR_UNESCAPED_CHARACTERS',
  'ERR_HTTP_INVALID_HEADER_VALUE',
  'ERR_INVALID_HTTP_TOKEN',
]);
/** Codes of Node for a connection that could not be opened. */
const UNREACHABLE = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH']);
const throttle = createLogThrottle();
const codeOf = (err: unknown): string => (err as NodeJS.ErrnoException).code ?? '';

const peerOf = (req: IncomingMessage): string => (req.socket.remoteAddress ?? '').replace(/^::ffff:/, '');

/** Logs that an untrusted peer sent X-RH-IDENTITY (it is cut off): an attack, or a proxy missing in the settings. */
const logUntrustedIdentity = (log: Log, from: string, requestId: string): void => {
  const logFields = throttle('x-rh-identity');
  if (logFields)
    logSecurity(log, {
      event: 'request',
      result: 'refused',
      who: null,
      from,
      why: 'header.untrusted_peer',
      request_id: requestId,
      ...logFields,
    });
};

/** Refuses the request in the service's place, unless an answer has begun. */
const refuseExchange = (exchange: Exchange, status: number, message: string, headers: readonly string[] = []): void => {
  clearTimeout(exchange.deadline);
  if (exchange.answered) return;
  exchange.answered = true;
  const { req, res, service, requestId } = exchange;
  refuse(req, res, { status, message, service: service.name, requestId, headers });
};
const refuseTooLarge = (exchange: Exchange): void =>
  refuseExchange(exchange, 413, `The request body is larger than ${exchange.bodyLimit} bytes.`);

/** Opens the request to the service, or refuses: Node does not send every header and path that it reads. */
const openUpstream = (exchange: Exchange): ClientRequest | undefined => {
  const { req, service, requestId, options, offers } = exchange;
  const peer = peerOf(req);
  try {
    const trusted = isTrustedPeer(options.trusted, peer);
    if (!trusted && req.headers['x-rh-identity'] !== undefined) logUntrustedIdentity(options.log, peer, requestId);
    const headers = requestHeaders(req, { requestId, trusted, host: service.host, peer, offers });
    return service.request({ method: req.method, path: req.url, headers });
  } catch (err) {
    if (!UNSENDABLE.has(codeOf(err))) throw err;
    refuseExchange(exchange, 400, 'The request has characters that can not be handed on.');
    return undefined;
  }
};

/**
 * A stream of events goes on until one side leaves. A client that ends its side of the connection has left; without
 * this the gateway would hear of it at the next event only.
 */
const followStream = ({ req, res, options }: Exchange, answer: IncomingMessage): void => {
  const { socket } = req;
  const left = (): void => void res.destroy();
  const end = (): void => {
    answer.unpipe(res);
    res.end();
    answer.destroy();
  };
  options.streams.add(end);
  socket.once('end', left);
  res.once('close', () => {
    options.streams.delete(end);
    socket.off('end', left);
  });
};

/** Sends the service's answer to the client, or 502 when Node can not write its status or its headers. */
const passAnswer = (exchange: Exchange, upstream: ClientRequest, answer: IncomingMessage): void => {
  const { req, res, service, requestId, hasBody, options } = exchange;
  clearTimeout(exchange.deadline);
  answer.on('error', () => res.destroy());
  if (exchange.answered || res.destroyed) {
    answer.resume();
    return;
  }
  try {
    // Node takes it for a plain answer when it names no protocol.
    if (answer.statusCode === 101) throw new Error('a change of protocol without the protocol');
    const headers = answerHeaders(answer.rawHeaders);
    if (!req.complete) headers.push('Connection', 'close');
    if (hasBody && !req.complete) {
      req.unpipe(upstream);
      lingerBeforeClose(req, res);
    }
    res.writeHead(answer.statusCode ?? 502, headers);
    exchange.answered = true;
    answer.pipe(res);
    if (answer.headers['content-type']?.startsWith('text/event-stream')) followStream(exchange, answer);
  } catch (err) {
    const logFields = throttle(`${service.name} unusable`);
    if (logFields)
      options.log.warn(
        { err, upstream: service.name, request_id: requestId, ...logFields },
        'a service gave an answer that can not be handed on',
      );
    refuseExchange(exchange, 502, `The ${service.name} service gave an answer that can not be handed on.`);
    upstream.destroy();
  }
};

/** Answers 503 for a service that can not be reached, and 502 for one that ends the connection early. */
const answerFailures = (exchange: Exchange, upstream: ClientRequest): void => {
  const { res, service, requestId, options } = exchange;
  const brokenOff = `The ${service.name} service broke off its answer; try again.`;
  upstream.on('error', (err) => {
    if (exchange.answered || res.destroyed) return;
    const code = codeOf(err);
    const logFields = throttle(`${service.name} ${code}`);
    if (logFields)
      options.log.warn(
        { err: { code, message: err.message }, upstream: service.name, request_id: requestId, ...logFields },
        'a service does not answer',
      );
    if (UNREACHABLE.has(code))
      refuseExchange(exchange, 503, `The ${service.name} service is not available; try again in a moment.`);
    else refuseExchange(exchange, 502, brokenOff);
  });
  // Node closes the request without an error when it can not use the answer: a change of protocol nobody asked for.
  upstream.on('close', () => {
    if (!exchange.answered && !res.destroyed) refuseExchange(exchange, 502, brokenOff);
  });
};

/** An offer that waits has a place among the WebSockets, so it does not wait for as long as others. */
const OFFER_SECONDS = 15;
/** Gives the service `upstreamSeconds` to begin its answer, at most OFFER_SECONDS to take a WebSocket. */
const startDeadline = (exchange: Exchange, upstream: ClientRequest): void => {
  if (exchange.answered) return;
  const { service, options, offers } = exchange;
  const seconds = offers ? Math.min(OFFER_SECONDS, options.upstreamSeconds) : options.upstreamSeconds;
  exchange.deadline = setTimeout(() => {
    refuseExchange(exchange, 504, `The ${service.name} service did not answer in time; try again.`);
    upstream.destroy();
  }, seconds * 1000);
};

/** Counts the WebSocket that the request offers, or refuses it: there are too many. @returns whether it may go on */
const admitTunnel = (exchange: Exchange): boolean => {
  const { req, res, options } = exchange;
  const peer = peerOf(req);
  const found = options.tunnels.admit(clientAddress(req, { peer, trusted: isTrustedPeer(options.trusted, peer) }));
  if (typeof found === 'object') {
    res.once('close', found.release);
    return true;
  }
  if (found === 'total') refuseExchange(exchange, 503, 'Too many WebSockets are open; try again in a moment.');
  else refuseExchange(exchange, 429, 'Too many WebSockets of this address are open.', ['Retry-After', '5']);
  return false;
};
/** The service takes the WebSocket: its answer goes to the client, and from then on bytes do, both ways. */
const beginTunnel = (exchange: Exchange, answer: IncomingMessage, serviceSocket: Socket, head: Buffer): void => {
  const { req, res, service, options } = exchange;
  clearTimeout(exchange.deadline);
  let switching: string | undefined;
  try {
    if (answer.statusCode === 101 && answer.headers.upgrade?.toLowerCase() === 'websocket')
      switching = switchingAnswer(answer.rawHeaders, res);
  } catch {
    /* It has a header that can not be handed on. */
  }
  const client = switching !== undefined && !exchange.answered ? takeUpgrade(req) : undefined;
  if (switching === undefined || !client) {
    serviceSocket.destroy();
    refuseExchange(exchange, 502, `The ${service.name} service gave an answer that can not be handed on.`);
    return;
  }
  exchange.answered = true;
  client.socket.write(switching, 'latin1');
  exchange.carried = options.tunnels.carry(client, { socket: serviceSocket, head });
};

/** Streams the request's body to the service; ends both with 413 when it grows over the limit. */
const sendBody = (exchange: Exchange, upstream: ClientRequest): void => {
  const { req, bodyLimit } = exchange;
  upstream.flushHeaders();
  let size = 0;
  req.on('data', (part: Buffer) => {
    size += part.length;
    if (size <= bodyLimit || exchange.answered) return;
    refuseTooLarge(exchange);
    upstream.destroy();
  });
  req.pipe(upstream);
  req.on('error', () => upstream.destroy());
};

/**
 * Hands one request on to a service and streams both ways. A service may answer before it has the whole body
 * (contract compute §1 T5).
 */
export const proxy = (req: IncomingMessage, res: ServerResponse, service: Upstream, options: ProxyOptions): void => {
  const requestId = requestIdOf(req);
  const hasBody = announcesBody(req);
  const [method, path] = [req.method ?? '', pathOf(req)];
  const upload = hasBody && isUpload(method, path);
  const bodyLimit = upload ? Infinity : hasBody ? bodyLimitOf(method, path, options.bodyLimit) : options.bodyLimit;
  const exchange: Exchange = {
    req,
    res,
    service,
    requestId,
    hasBody,
    bodyLimit,
    options,
    answered: false,
    offers: offersUpgrade(req),
    carried: undefined,
    deadline: undefined,
  };
  recordRequest(req, res, { service: service.name, requestId, carried: () => exchange.carried?.() }, options);
  if (Number(req.headers['content-length'] ?? 0) > bodyLimit) {
    refuseTooLarge(exchange);
    return;
  }
  if (exchange.offers && !admitTunnel(exchange)) return;
  const upstream = openUpstream(exchange);
  if (!upstream) return;
  // Only for an offer: without a listener, a change of protocol that nobody asked for is an unusable answer.
  if (exchange.offers) upstream.on('upgrade', (answer, socket, head) => beginTunnel(exchange, answer, socket, head));
  upstream.on('response', (answer) => passAnswer(exchange, upstream, answer));
  answerFailures(exchange, upstream);
  res.on('close', () => {
    clearTimeout(exchange.deadline);
    if (!res.writableFinished && !isUpgraded(req)) upstream.destroy();
  });

  if (!hasBody) {
    startDeadline(exchange, upstream);
    upstream.end();
    return;
  }
  if (upload)
    watchLongBody(req, () => {
      refuseExchange(exchange, 408, 'The upload did not go on.');
      upstream.destroy();
    });
  // The time of the service begins when it has the whole request. The server's requestTimeout limits the client's.
  req.once('end', () => startDeadline(exchange, upstream));
  sendBody(exchange, upstream);
};
