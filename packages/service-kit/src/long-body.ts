import type { IncomingMessage } from 'node:http';
import { Fault } from './fault.js';
import { connectionOf } from './http-connections.js';

/** How fast a body has to come that is exempt from the time limit of a request. */
export interface Pace {
  windowSeconds: number;
  /** In each window at least so many have to come. */
  bytes: number;
  totalSeconds: number;
}
/** At least 0.5 KiB/s, for a day at most. */
export const UPLOAD_PACE: Pace = { windowSeconds: 30, bytes: 16 * 1024, totalSeconds: 24 * 3600 };

/**
 * Exempts this request from the server's `requestTimeout`: its body may come for as long as it keeps to the pace.
 * What the server itself holds back, because it can not take more for now, counts as not come.
 * @param slow called once, when the body does not keep to the pace
 */
export const watchLongBody = (req: IncomingMessage, slow: () => void, pace: Pace = UPLOAD_PACE): void => {
  if (req.complete) return;
  connectionOf(req.socket).longBody = true;
  const end = Date.now() + pace.totalSeconds * 1000;
  let before = req.socket.bytesRead;
  const check = setInterval(() => {
    const came = req.socket.bytesRead - before;
    before += came;
    if (req.complete || (came >= pace.bytes && Date.now() < end)) return;
    stop();
    slow();
  }, pace.windowSeconds * 1000).unref();
  const stop = (): void => clearInterval(check);
  req.once('end', stop);
  req.once('close', stop);
};

/** Waits until there is something to read, the body ends, or the connection does. */
const readable = (req: IncomingMessage, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const events = ['readable', 'end', 'error', 'close'] as const;
    const done = (): void => {
      for (const name of events) req.off(name, done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    for (const name of events) req.on(name, done);
    signal.addEventListener('abort', done, { once: true });
    if (signal.aborted) done();
  });
/**
 * The parts of a body, one after the other: the next is read when the one before has been taken, so that a fast
 * client fills no memory. A reader that stops early leaves the request as it is, so that it can be answered.
 * @throws Fault invalid/body.aborted when the client went away; the reason of `signal` when that aborts
 */
export async function* bodyParts(req: IncomingMessage, signal: AbortSignal): AsyncGenerator<Buffer, void, void> {
  const ignore = (): void => undefined;
  req.on('error', ignore);
  try {
    for (;;) {
      signal.throwIfAborted();
      const part = req.read() as Buffer | null;
      if (part !== null) yield part;
      else if (req.readableEnded) return;
      else if (req.destroyed) throw new Fault('invalid', 'body.aborted');
      else await readable(req, signal);
    }
  } finally {
    req.off('error', ignore);
  }
}
