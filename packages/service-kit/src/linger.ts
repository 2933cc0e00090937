import type http from 'node:http';
import { LINGER_MS } from './raw-answer.js';

const LINGER_BYTES = 32 * 1024 * 1024;
/** Total limit, also while the client keeps sending. */
const LINGER_TOTAL_MS = 10_000;
const lingering = new WeakSet<http.ServerResponse>();

/**
 * For an answer that is sent before the body was read. When a socket is closed with unread bytes, the system drops
 * what the peer has not yet read of the answer. So the answer is sent at once, the rest of the body is read and
 * dropped for a while, then the connection is closed.
 */
export const lingerBeforeClose = (req: http.IncomingMessage, res: http.ServerResponse): void => {
  if (req.complete || req.destroyed || lingering.has(res)) return;
  lingering.add(res);
  if (!res.headersSent) res.setHeader('Connection', 'close');
  const end = res.end.bind(res) as (chunk?: unknown) => http.ServerResponse;
  let ended = false;
  res.end = ((chunk?: unknown, encoding?: unknown) => {
    if (ended) return res;
    ended = true;
    if (chunk !== undefined && chunk !== null && typeof chunk !== 'function')
      res.write(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8');
    else res.flushHeaders();
    let size = 0;
    let timer: NodeJS.Timeout | undefined;
    const close = (): void => {
      clearTimeout(timer);
      clearTimeout(last);
      req.off('data', count);
      req.off('end', close);
      req.off('close', close);
      end();
    };
    const last = setTimeout(close, LINGER_TOTAL_MS);
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
