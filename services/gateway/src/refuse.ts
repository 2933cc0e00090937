import type { IncomingMessage, ServerResponse } from 'node:http';
import { announcesBody, lingerBeforeClose, requestIdOf } from '@nefos/service-kit';
import { faultBody } from './faults.js';
import { routeOf, type ServiceName } from './routes.js';

/** The path of a request, without its query. */
export const pathOf = (req: IncomingMessage): string => {
  const url = req.url ?? '/';
  const at = url.indexOf('?');
  return at < 0 ? url : url.slice(0, at);
};

export interface Refusal {
  status: number;
  message: string;
  /** The service whose format is used; by default the one that the path belongs to. */
  service?: ServiceName | undefined;
  requestId?: string;
  headers?: readonly string[];
}
/**
 * Writes a refusal of the gateway in the format of the service. It does not wait for the rest of the request's body;
 * the connection ends when that is missing. An answer that has begun is cut off.
 */
export const refuse = (
  req: IncomingMessage,
  res: ServerResponse,
  { status, message, service, requestId, headers = [] }: Refusal,
): void => {
  if (res.headersSent || res.destroyed) {
    res.destroy();
    return;
  }
  if (announcesBody(req)) {
    req.unpipe();
    lingerBeforeClose(req, res);
  }
  const path = pathOf(req);
  const fault = faultBody(service ?? routeOf(path), path, status, message);
  res.writeHead(status, [
    ...fault.headers,
    'Content-Length',
    String(Buffer.byteLength(fault.body)),
    'X-Request-Id',
    requestId ?? requestIdOf(req),
    ...headers,
    ...(status === 503 ? ['Retry-After', '1'] : []),
    ...(req.complete ? [] : ['Connection', 'close']),
  ]);
  res.end(req.method === 'HEAD' ? undefined : fault.body);
};
