import http from 'node:http';
import https from 'node:https';
import { rootCertificates } from 'node:tls';
import axios from 'axios';
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

const parse = (text: unknown): unknown => {
  if (typeof text !== 'string' || text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
};

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
  const httpAgent = new http.Agent({ keepAlive: true, maxSockets });
  const httpsAgent = new https.Agent({
    keepAlive: true,
    maxSockets,
    rejectUnauthorized: verify,
    ...(ca !== undefined && { ca: [...rootCertificates, ca] }),
  });
  const client = axios.create({
    httpAgent,
    httpsAgent,
    maxRedirects: 0,
    proxy: false,
    maxContentLength: LARGEST_ANSWER,
    validateStatus: null,
    responseType: 'text',
    transformResponse: parse,
  });
  const call = async <T>({ service, method, url, query, body, headers }: WireCall): Promise<WireAnswer<T>> => {
    let answer: { status: number; data: unknown; headers: unknown };
    try {
      answer = await client.request({
        method,
        url,
        ...(query && { params: query }),
        data: body,
        headers: { Accept: 'application/json', ...headers },
        signal: AbortSignal.timeout(options.timeoutMs),
      });
    } catch (err) {
      const { code, message } = err as { code?: string; message: string };
      throw unreachable(service, Object.assign(new Error(message), { code }));
    }
    const header = (name: string): string | undefined => {
      const value = (answer.headers as Record<string, unknown>)[name];
      return typeof value === 'string' ? value : undefined;
    };
    const { status, data } = answer;
    if (status < 200 || status > 299)
      throw refusedBy({ service, status, retryAfter: header('retry-after'), body: data });
    // A page of a proxy, for instance.
    if (typeof data === 'string')
      throw new DriverError('UNAVAILABLE', `The ${service} service of the cloud did not answer with a document.`);
    return { status, body: data as T, header };
  };
  return Object.assign(call, {
    close: () => {
      httpAgent.destroy();
      httpsAgent.destroy();
    },
  });
};
