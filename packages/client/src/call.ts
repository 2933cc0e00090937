import http from 'node:http';
import https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { dropTrailing, type Method } from '@nefos/contracts';
import axios, { type AxiosResponse } from 'axios';
import { ApiError, retryAfterSeconds } from './api-error.js';

export type TokenScheme = 'x-auth-token' | 'bearer' | 'token';
export interface CallerOptions {
  /** Origin, with the deployment's prefix if there is one. */
  baseURL: string;
  /** Milliseconds that one call may take, its repetitions included. */
  timeoutMs?: number | undefined;
  token?: string | undefined;
  /** How `token` is shown. */
  scheme?: TokenScheme | undefined;
  headers?: Readonly<Record<string, string>> | undefined;
  /**
   * Id of the request on whose behalf the call is made, when a call names none itself; e.g. from an
   * AsyncLocalStorage.
   */
  requestId?: (() => string | undefined) | undefined;
  /** Repetitions of a call that may be repeated, after network errors and 502, 503, 504. */
  retries?: number | undefined;
}
/** What every function of a client takes besides its own arguments. */
export interface CallOptions {
  signal?: AbortSignal | undefined;
  requestId?: string | undefined;
  timeoutMs?: number | undefined;
  /** Instead of the client's own. */
  token?: string | undefined;
}
export interface Call extends CallOptions {
  method: Method;
  /** Express path, such as `/users/:uuid`; error messages have this form, never the filled-in one. */
  path: string;
  params?: Readonly<Record<string, string | number>> | undefined;
  query?: object | undefined;
  body?: unknown;
  headers?: Readonly<Record<string, string>> | undefined;
  /** Says that a POST or PATCH may be sent twice; other methods always may. */
  repeatable?: boolean | undefined;
}
export interface Answer<T> {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: T;
}
export interface Caller {
  <T = unknown>(call: Call): Promise<Answer<T>>;
  /** Closes idle connections. */
  close: () => void;
}

const REPEATABLE = new Set<Method>(['get', 'head', 'put', 'delete', 'options']);
const LATER = new Set([502, 503, 504]);
const LARGEST_ANSWER = 64 * 1024 * 1024;

/** The header that shows a token. */
export const credential = (scheme: TokenScheme, token: string): Record<string, string> =>
  scheme === 'x-auth-token'
    ? { 'X-Auth-Token': token }
    : { Authorization: `${scheme === 'bearer' ? 'Bearer' : 'Token'} ${token}` };

const fill = (path: string, params: Call['params'] = {}): string =>
  path.replace(/:(\w+)/g, (_m, name: string) => {
    const value = params[name];
    if (value === undefined) throw new TypeError(`${path} needs ${name}`);
    return encodeURIComponent(value);
  });
const headersOf = (response: AxiosResponse): Record<string, string> =>
  Object.fromEntries(
    Object.entries(response.headers as Record<string, unknown>).filter(
      (h): h is [string, string] => typeof h[1] === 'string',
    ),
  );

/**
 * Makes the one function through which a client calls its service. Connections are kept, the whole call has a time
 * limit, calls that may be sent twice are repeated after growing, jittered pauses, and the request id is passed on.
 * The function throws ApiError, or the reason of the caller's own signal.
 */
export const createCaller = ({
  baseURL,
  timeoutMs = 5000,
  token,
  scheme = 'x-auth-token',
  headers = {},
  requestId,
  retries = 2,
}: CallerOptions): Caller => {
  const agents = {
    httpAgent: new http.Agent({ keepAlive: true, maxSockets: 128 }),
    httpsAgent: new https.Agent({ keepAlive: true, maxSockets: 128 }),
  };
  // No redirects and no proxies from the environment: a token goes to the named service only.
  const wire = axios.create({
    ...agents,
    baseURL: dropTrailing(baseURL, '/'),
    maxRedirects: 0,
    proxy: false,
    maxContentLength: LARGEST_ANSWER,
    validateStatus: null,
  });

  const caller = async <T>(call: Call): Promise<Answer<T>> => {
    const { method, signal, body } = call;
    signal?.throwIfAborted();
    const what = `${method.toUpperCase()} ${call.path}`;
    const id = call.requestId ?? requestId?.();
    const shown = call.token ?? token;
    const request = {
      method,
      url: fill(call.path, call.params),
      params: call.query,
      data: body,
      headers: {
        Accept: 'application/json',
        ...headers,
        ...(shown !== undefined && credential(scheme, shown)),
        ...(id !== undefined && { 'X-Request-Id': id }),
        ...call.headers,
      },
    };
    const bound = call.timeoutMs ?? timeoutMs;
    const deadline = performance.now() + bound;
    const stop = new AbortController();
    const abort = (): void => stop.abort();
    const timer = setTimeout(abort, bound);
    signal?.addEventListener('abort', abort, { once: true });
    const repetitions = call.repeatable || REPEATABLE.has(method) ? retries : 0;

    const once = async (): Promise<Answer<T> | ApiError> => {
      let response: AxiosResponse<T>;
      try {
        response = await wire.request<T>({ ...request, signal: stop.signal });
      } catch (err) {
        signal?.throwIfAborted();
        const reason = (err as { code?: unknown }).code;
        return new ApiError(
          what,
          stop.signal.aborted
            ? { status: null, code: 'timeout', requestId: id }
            : {
                status: null,
                code: 'unreachable',
                requestId: id,
                reason: typeof reason === 'string' ? reason : undefined,
              },
        );
      }
      const answered = headersOf(response);
      if (response.status >= 200 && response.status < 300)
        return { status: response.status, headers: answered, body: response.data };
      return new ApiError(what, {
        status: response.status,
        body: response.data,
        code: 'refused',
        retryAfter: retryAfterSeconds(answered['retry-after']),
        requestId: answered['x-request-id'] ?? id,
      });
    };
    try {
      for (let attempt = 0; ; attempt += 1) {
        const answer = await once();
        if (!(answer instanceof ApiError)) return answer;
        const mayRepeat = answer.code === 'unreachable' || LATER.has(answer.status ?? 0);
        const pause = Math.max((answer.retryAfter ?? 0) * 1000, 50 * 2 ** attempt * (0.5 + Math.random()));
        // When it can not be repeated before the deadline, it fails at once.
        if (!mayRepeat || attempt >= repetitions || performance.now() + pause >= deadline) throw answer;
        await sleep(pause, undefined, { signal: stop.signal }).catch(() => {
          signal?.throwIfAborted();
          throw answer;
        });
      }
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    }
  };
  return Object.assign(caller, {
    close: () => {
      agents.httpAgent.destroy();
      agents.httpsAgent.destroy();
    },
  });
};
