/**
 * `malformed`: the credential is not well formed. `invalid`: identity does not know it (any more). `unavailable`: it
 * can not be checked now.
 */
export type AuthenticationReason = 'malformed' | 'invalid' | 'unavailable';
/** The reason in detail. */
export type AuthenticationDetail =
  | 'no_credentials' // nothing after the scheme
  | 'spaces' // more than one word after the scheme
  | 'characters' // characters that no token has
  | 'too_long'
  | 'trusted_header' // it can not be read
  | 'unknown_token' // identity refuses it
  | 'identity_unavailable'; // identity does not answer

/** Why a caller with credentials is refused. It never holds the credential. */
export class AuthenticationError extends Error {
  readonly reason: AuthenticationReason;
  readonly detail: AuthenticationDetail;
  /** Seconds; with `unavailable` only. */
  readonly retryAfter: number | undefined;
  constructor(
    reason: AuthenticationReason,
    detail: AuthenticationDetail,
    { retryAfter, cause }: { retryAfter?: number; cause?: unknown } = {},
  ) {
    super(`${reason}: ${detail}`, { cause });
    this.name = 'AuthenticationError';
    this.reason = reason;
    this.detail = detail;
    this.retryAfter = retryAfter;
  }
}
