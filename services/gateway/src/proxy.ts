import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import type { BlockList } from 'node:net';
import {
  announcesBody,
  isTrustedPeer,
  lingerBeforeClose,
  logSecurity,
  makeQuiet,
  requestIdOf,
  type Log,
} from '@nefos/service-kit';
import { answerHeaders, requestHeaders } from './forward.js';
import { pathOf, refuse } from './refuse.js';
import type { Upstream } from './upstream.js';

export interface ProxyOptions {
  bodyLimit: number;
  upstreamSeconds: number;
  trusted: BlockList;
  log: Log;
  accessLog: boolean;
  finished: (service: string, status: number, seconds: number) => void;
}

/** What node says when it refuses to send a header or a path. */
const UNSENDABLE = new Set([
  'ERR_INVALID_CHAR',
  'ERR_UNESCAPED_CHARACTERS',
  'ERR_HTTP_INVALID_HEADER_VALUE',
  'ERR_INVALID_HTTP_TOKEN',
]);
const AWAY = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH']);
const quiet = makeQuiet();
const codeOf = (err: unknown): string => (err as NodeJS.ErrnoException).code ?? '';

/** Tokens stand in paths of the Identity API, and may have slashes in them (contract identity §7.2): what follows `tokens` is cut out. */
export const loggedPath = (path: string): string =>
  path.replace(/\/tokens(?:\/|%2f).+?(\/endpoints)?$/is, '/tokens/***$1');

/** Counts and logs one request when its connection or its answer has ended. */
const record = (
  req: IncomingMessage,
  res: ServerResponse,
  service: string,
  requestId: string,
  { finished, accessLog, log }: ProxyOptions,
): void => {
  const start = process.hrtime.bigint();
  res.once('close', () => {
    const seconds = Number(process.hrtime.bigint() - start) / 1e9;
    finished(service, res.statusCode, seconds);
    if (!accessLog) return;
    const ms = Math.round(seconds * 1000);
    log.info(
      {
        request_id: requestId,
        method: req.method,
        path: loggedPath(pathOf(req)),
        upstream: service,
        status: res.statusCode,
        ms,
        peer: req.socket.remoteAddress,
      },
      'request',
    );
  });
};

/** A header that only trusted peers may send was cut off: somebody tries, or a setting is missing. */
const tellForged = (log: Log, from: string, requestId: string): void => {
  const more = quiet('x-rh-identity');
  if (more)
    logSecurity(log, {
      event: 'request',
      result: 'refused',
      who: null,
      from,
      why: 'header.untrusted_peer',
      request_id: requestId,
      ...more,
    });
};

/** Streams the request's body; more than `limit` is told by `tooLarge`. */
const sendBody = (req: IncomingMessage, upstream: ClientRequest, limit: number, tooLarge: () => void): void => {
  upstream.flushHeaders();
  let size = 0;
  req.on('data', (part: Buffer) => {
    size += part.length;
    if (size > limit) tooLarge();
  });
  req.pipe(upstream);
  req.on('error', () => upstream.destroy());
};

/** Hands one request on and streams both ways. A service may answer before the body has come (contract compute §1 T5). */
export const proxy = (req: IncomingMessage, res: ServerResponse, service: Upstream, options: ProxyOptions): void => {
  const { bodyLimit, upstreamSeconds, trusted, log } = options;
  const requestId = requestIdOf(req);
  record(req, res, service.name, requestId, options);
  // Whoever settles first answers: the service, or the gateway in its place.
  let settled = false;
  let late: NodeJS.Timeout | undefined;
  const say = (status: number, message: string): void => {
    clearTimeout(late);
    if (settled) return;
    settled = true;
    refuse(req, res, { status, message, service: service.name, requestId });
  };
  const tooLarge = (): void => say(413, `The request body is larger than ${bodyLimit} bytes.`);
  if (Number(req.headers['content-length'] ?? 0) > bodyLimit) {
    tooLarge();
    return;
  }
  const hasBody = announcesBody(req);
  const peer = (req.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  let upstream: ClientRequest;
  try {
    const believed = isTrustedPeer(trusted, peer);
    if (!believed && req.headers['x-rh-identity'] !== undefined) tellForged(log, peer, requestId);
    const headers = requestHeaders(req, { requestId, trusted: believed, host: service.host, peer });
    upstream = service.request({ method: req.method, path: req.url, headers });
  } catch (err) {
    if (!UNSENDABLE.has(codeOf(err))) throw err;
    say(400, 'The request has characters that can not be handed on.');
    return;
  }

  upstream.on('response', (answer) => {
    clearTimeout(late);
    answer.on('error', () => res.destroy());
    if (settled || res.destroyed) {
      answer.resume();
      return;
    }
    try {
      const raw = answerHeaders(answer.rawHeaders);
      if (!req.complete) raw.push('Connection', 'close');
      if (hasBody && !req.complete) {
        req.unpipe(upstream);
        lingerBeforeClose(req, res);
      }
      res.writeHead(answer.statusCode ?? 502, raw);
      settled = true;
      answer.pipe(res);
    } catch (err) {
      const more = quiet(`${service.name} unusable`);
      if (more)
        log.warn(
          { err, upstream: service.name, request_id: requestId, ...more },
          'a service gave an answer that can not be handed on',
        );
      say(502, `The ${service.name} service gave an answer that can not be handed on.`);
      upstream.destroy();
    }
  });
  upstream.on('error', (err) => {
    if (settled || res.destroyed) return;
    const more = quiet(`${service.name} ${codeOf(err)}`);
    if (more)
      log.warn(
        { err: { code: codeOf(err), message: err.message }, upstream: service.name, request_id: requestId, ...more },
        'a service does not answer',
      );
    if (AWAY.has(codeOf(err))) say(503, `The ${service.name} service is not available; try again in a moment.`);
    else say(502, `The ${service.name} service broke off its answer; try again.`);
  });
  // Node ends a request so whose answer it can not use, such as an unasked change of protocols.
  upstream.on('close', () => {
    if (!settled && !res.destroyed) say(502, `The ${service.name} service broke off its answer; try again.`);
  });
  res.on('close', () => {
    clearTimeout(late);
    if (!res.writableFinished) upstream.destroy();
  });

  // A service's time begins when it has the whole request: how long the client may take for it is the server's requestTimeout.
  const startClock = (): void => {
    if (settled) return;
    late = setTimeout(() => {
      say(504, `The ${service.name} service did not answer in time; try again.`);
      upstream.destroy();
    }, upstreamSeconds * 1000);
  };
  if (!hasBody) {
    startClock();
    upstream.end();
    return;
  }
  req.once('end', startClock);
  sendBody(req, upstream, bodyLimit, () => {
    if (settled) return;
    tooLarge();
    upstream.destroy();
  });
};
