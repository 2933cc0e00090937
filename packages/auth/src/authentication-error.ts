/**
 * `malformed`: the credential has not its form. `invalid`: identity does not know it (any more). `unavailable`: it
 * can not be checked now.
 */
export type AuthenticationReason = 'malformed' | 'invalid' | 'unavailable';
/**
 * In detail: nothing after the scheme, more than one word, characters that no token has, too long, a trusted header
 * that can not be read.
 */
export type AuthenticationDetail =
  'no_credentials' | 'spaces' | 'characters' | 'too_long' | 'trusted_header' | 'unknown_token' | 'identity_unavailable';

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
