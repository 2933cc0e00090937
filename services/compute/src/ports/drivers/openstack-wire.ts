import { createStrictHttp, jsonAnswer } from '@nefos/service-kit';
import { DriverError } from '../driver.js';
import { refusedBy, unreachable } from './openstack-errors.js';

export interface WireCall {
  /** For messages: compute, identity, image, network, volume. */
  service: string;
  method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH';
  url: string;
  query?: Readonly<Record<string, string | number>>;
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
}
export interface WireAnswer<T> {
  status: number;
  body: T;
  header(name: string): string | undefined;
}
export interface Wire {
  /** @throws DriverError for every answer that is no success, and for none */
  <T>(call: WireCall): Promise<WireAnswer<T>>;
  close(): void;
}
const LARGEST_ANSWER = 64 * 1024 * 1024;

/**
 * One cloud over HTTP: connections are kept, so many at a time; each call has a time limit. Neither redirects nor
 * proxies of the environment: a token goes to the named cloud only. Errors have neither headers nor bodies of requests.
 */
export const createWire = (options: {
  timeoutMs: number;
  connections: number;
  verify: boolean;
  ca?: string | undefined;
}): Wire => {
  const { connections: maxSockets, verify, ca } = options;
  const { request, close } = createStrictHttp({ maxSockets, verify, ca, maxBytes: LARGEST_ANSWER });
  const call = async <T>({ service, method, url, query, body, headers }: WireCall): Promise<WireAnswer<T>> => {
    const answer = await request({
      method,
      url,
      ...(query && { params: query }),
      data: body,
      headers: { Accept: 'application/json', ...headers },
      signal: AbortSignal.timeout(options.timeoutMs),
    }).catch((err: unknown) => {
      const { code, message } = err as { code?: string; message: string };
      throw unreachable(service, Object.assign(new Error(message), { code }));
    });
    const { status, text, header } = answer;
    const data = jsonAnswer(text, text);
    if (status < 200 || status > 299)
      throw refusedBy({ service, status, retryAfter: header('retry-after'), body: data });
    // A page of a proxy, for instance.
    if (typeof data === 'string')
      throw new DriverError('UNAVAILABLE', `The ${service} service of the cloud did not answer with a document.`);
    return { status, body: data as T, header };
  };
  return Object.assign(call, { close });
};
