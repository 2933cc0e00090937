/** `refused`: the peer answered, and not with success. `unreachable`: no answer came. `timeout`: none came in time. */
export type ApiErrorCode = 'refused' | 'unreachable' | 'timeout';
export interface ApiErrorDetails {
  /** HTTP status; null when nothing was answered. */
  status: number | null;
  /** The peer's own words, parsed when they are JSON. */
  body?: unknown;
  code: ApiErrorCode;
  /** Whole seconds after which the peer wants to be asked again. */
  retryAfter?: number | undefined;
  requestId?: string | undefined;
  /** Node's name of the network error, e.g. ECONNREFUSED. */
  reason?: string | undefined;
}

/**
 * A call that did not succeed. It carries neither the request's headers nor the filled-in path nor the HTTP library's
 * own error: all of these can hold tokens, and errors end up in logs.
 */
export class ApiError extends Error {
  readonly status: number | null;
  readonly body: unknown;
  readonly code: ApiErrorCode;
  readonly retryAfter: number | undefined;
  readonly requestId: string | undefined;
  readonly reason: string | undefined;
  /** @param what method and path template, e.g. `GET /users/:uuid` */
  constructor(what: string, { status, body, code, retryAfter, requestId, reason }: ApiErrorDetails) {
    super(`${what}: ${status ?? code}${reason ? ` (${reason})` : ''}`);
    this.name = 'ApiError';
    this.status = status;
    this.body = body;
    this.code = code;
    this.retryAfter = retryAfter;
    this.requestId = requestId;
    this.reason = reason;
  }
}

/** Seconds of a Retry-After header: a number of seconds or a date. */
export const retryAfterSeconds = (value: unknown, now = Date.now()): number | undefined => {
  if (typeof value !== 'string' || !value.trim()) return undefined;
  const text = value.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text);
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - now) / 1000));
};
