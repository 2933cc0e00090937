import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { rootCertificates } from 'node:tls';
import axios, { type AxiosRequestConfig } from 'axios';

export interface StrictHttpOptions {
  /** Connections to a server at one time; they are kept. */
  maxSockets: number;
  /** Whether certificates are verified. */
  verify: boolean;
  /** A certificate authority that is trusted beside the well-known ones, in PEM. */
  ca?: string | undefined;
  /** Names are looked up by this instead of DNS. */
  lookup?: LookupFunction;
  /** A longer answer is an error. */
  maxBytes: number;
}
export interface HttpAnswer {
  status: number;
  /** As it came. */
  text: string;
  /** A header by its name in lower case; undefined: absent, or there more than once. */
  header: (name: string) => string | undefined;
}
export interface StrictHttp {
  /** Any status is an answer. @throws axios's error when there is none */
  request: (
    call: Pick<AxiosRequestConfig, 'method' | 'url' | 'params' | 'data' | 'headers' | 'signal'>,
  ) => Promise<HttpAnswer>;
  close: () => void;
}
/**
 * HTTP with a server of somebody else, which gets credentials of ours: neither redirects nor proxies of the environment
 * are followed, so that they go nowhere else.
 */
export const createStrictHttp = ({ maxSockets, verify, ca, lookup, maxBytes }: StrictHttpOptions): StrictHttp => {
  const connections = { keepAlive: true, maxSockets, ...(lookup && { lookup }) };
  const httpAgent = new http.Agent(connections);
  const httpsAgent = new https.Agent({
    ...connections,
    rejectUnauthorized: verify,
    ...(ca !== undefined && { ca: [...rootCertificates, ca] }),
  });
  const client = axios.create({
    httpAgent,
    httpsAgent,
    maxRedirects: 0,
    proxy: false,
    maxContentLength: maxBytes,
    validateStatus: null,
    responseType: 'text',
    transformResponse: (text: unknown) => text,
  });
  return {
    request: async (call) => {
      const { status, data, headers } = await client.request<unknown>(call);
      const header = (name: string): string | undefined => {
        const value = (headers as Record<string, unknown>)[name];
        return typeof value === 'string' ? value : undefined;
      };
      return { status, text: typeof data === 'string' ? data : '', header };
    },
    close: () => {
      httpAgent.destroy();
      httpsAgent.destroy();
    },
  };
};
/** The value of an answer in JSON: nothing for an empty one, `otherwise` for what is no JSON. */
export const jsonAnswer = (text: string, otherwise?: unknown): unknown => {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return otherwise;
  }
};
