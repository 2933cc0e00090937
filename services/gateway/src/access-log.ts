import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Log } from '@nefos/service-kit';
import { pathOf } from './refuse.js';
import type { Carried } from './tunnels.js';

/**
 * A path without the token that may stand in it. Paths of the Identity API carry tokens, and a token may contain
 * slashes (contract identity §7.2): all that follows `tokens` is cut out.
 */
export const loggedPath = (path: string): string =>
  path.replace(/\/tokens(?:\/|%2f).+?(\/endpoints)?$/is, '/tokens/***$1');

export interface RecordOptions {
  /** Counts a request for the metrics. */
  finished: (service: string, status: number, seconds: number) => void;
  /** Log a line for every request. */
  accessLog: boolean;
  log: Log;
}
/**
 * Counts one request when its answer or its connection has ended, and logs it if the access log is on: a WebSocket when
 * it ends, with the bytes that it carried.
 */
export const recordRequest = (
  req: IncomingMessage,
  res: ServerResponse,
  { service, requestId, carried }: { service: string; requestId: string; carried: () => Carried | undefined },
  { finished, accessLog, log }: RecordOptions,
): void => {
  // A connection that is closed has none any more.
  const peer = req.socket.remoteAddress;
  const start = process.hrtime.bigint();
  res.once('close', () => {
    const seconds = Number(process.hrtime.bigint() - start) / 1e9;
    finished(service, res.statusCode, seconds);
    if (!accessLog) return;
    const bytes = carried();
    log.info(
      {
        request_id: requestId,
        method: req.method,
        path: loggedPath(pathOf(req)),
        upstream: service,
        status: res.statusCode,
        ms: Math.round(seconds * 1000),
        peer,
        ...(bytes && { bytes_in: bytes.bytesIn, bytes_out: bytes.bytesOut }),
      },
      'request',
    );
  });
};
