import { once } from 'node:events';
import type { Response } from 'express';
import type { Sink } from '../domain/stream.js';

const HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-cache, no-store, no-transform',
  // nginx's word for: hand every piece on at once.
  'X-Accel-Buffering': 'no',
};
/** The answer to a request as the place where a stream goes. */
export const sinkOf = (res: Response): Sink => ({
  open: () => {
    res.writeHead(200, HEADERS);
    res.flushHeaders();
  },
  send: (text) => {
    if (res.writable) res.write(text);
  },
  waiting: () => res.writableLength,
  drained: async () => {
    if (!res.writableNeedDrain || res.destroyed) return;
    const gone = new AbortController();
    const close = (): void => gone.abort();
    res.once('close', close);
    await once(res, 'drain', { signal: gone.signal }).catch(() => undefined);
    res.off('close', close);
  },
  end: () => res.end(),
  cut: () => res.destroy(),
  onClose: (gone) => {
    if (res.destroyed) {
      gone();
      return;
    }
    res.once('close', gone);
    // A client that ends its side of the connection reads no longer, as browsers and curl do; the server itself would
    // wait for the next write.
    const { socket } = res;
    const left = (): void => void res.destroy();
    socket?.once('end', left);
    res.once('close', () => socket?.off('end', left));
  },
});
/** The answer to HEAD: the headers of a stream. */
export const sendHeadersOnly = (res: Response): void => {
  res.writeHead(200, HEADERS).end();
};
