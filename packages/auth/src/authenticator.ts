import type { Principal } from '@nefos/contracts';
import type { Request } from 'express';
import passport from 'passport';
import { Strategy as BearerStrategy } from 'passport-http-bearer';
import { AuthenticationError } from './authentication-error.js';
import { readCredential, type CredentialKind } from './credentials.js';
import { LOOPBACK, peerFilter } from './peers.js';
import type { TokenVerifier } from './verifier.js';
import { VerifierUnavailable } from './verifier-options.js';

export interface TrustedHeader {
  name: 'x-rh-identity';
  /**
   * Addresses and CIDR ranges of the proxies whose header is trusted; loopback when absent. The socket's address
   * counts, never X-Forwarded-For.
   */
  peers?: readonly string[] | undefined;
  /**
   * The principal of the header's value. What it throws is the `cause` of an AuthenticationError
   * malformed/trusted_header.
   */
  parse: (value: string) => Principal;
}
export interface AuthenticatorOptions {
  verifier: Pick<TokenVerifier, 'verify'> & Partial<Pick<TokenVerifier, 'cached'>>;
  /** Where tokens are looked for; the first place that has one decides. */
  accept: readonly CredentialKind[];
  /**
   * A header of a trusted peer goes before any token: that peer has authenticated its caller. From other peers it is
   * ignored.
   */
  trustedHeader?: TrustedHeader | undefined;
}
/** null: no credentials. @throws AuthenticationError */
export type Authenticator = (req: Request) => Promise<Principal | null>;

/**
 * The request as passport's strategies get it: one credential in Bearer form. With the real request, a body or a
 * query could bring an `access_token`, and passport would add its methods to it.
 */
class PassportRequest {
  readonly headers: { authorization: string };
  readonly value: string;
  readonly requestId: string | undefined;
  login?: unknown;
  logIn?: unknown;
  logout?: unknown;
  logOut?: unknown;
  isAuthenticated?: unknown;
  isUnauthenticated?: unknown;
  _sessionManager?: unknown;
  constructor(value: string, requestId: string | undefined) {
    this.headers = { authorization: `Bearer ${value}` };
    this.value = value;
    this.requestId = requestId;
  }
}

class TrustedHeaderStrategy extends passport.Strategy {
  override name = 'trusted-header';
  // No #private field: passport calls the methods on objects that only inherit from this one.
  readonly parse: TrustedHeader['parse'];
  constructor(parse: TrustedHeader['parse']) {
    super();
    this.parse = parse;
  }
  override authenticate(req: unknown): void {
    let principal: Principal;
    try {
      principal = this.parse((req as PassportRequest).value);
    } catch (err) {
      this.error(new AuthenticationError('malformed', 'trusted_header', { cause: err }));
      return;
    }
    this.success(principal);
  }
}

const asError = (err: unknown): Error =>
  err instanceof VerifierUnavailable
    ? new AuthenticationError('unavailable', 'identity_unavailable', { retryAfter: err.retryAfter, cause: err.cause })
    : (err as Error);

const copyByPrincipal = new WeakMap<Principal, Principal>();
/**
 * The principal with the way its token came this time; remembered, since nearly every request of a token comes the
 * same way.
 */
const withVia = (principal: Principal, via: Principal['via']): Principal => {
  if (principal.via === via) return principal;
  let other = copyByPrincipal.get(principal);
  if (other?.via !== via) copyByPrincipal.set(principal, (other = Object.freeze({ ...principal, via })));
  return other;
};
/** Passed on only in a form that is harmless in a header and a log. */
const requestIdOf = ({ 'x-request-id': id }: Request['headers']): string | undefined =>
  typeof id === 'string' && /^[\w.-]{1,64}$/.test(id) ? id : undefined;
const NOBODY = Promise.resolve(null);

/** Makes the function that finds who sends a request. */
export const createAuthenticator = ({ verifier, accept, trustedHeader }: AuthenticatorOptions): Authenticator => {
  const own = new passport.Passport(); // without strategies, serialisers and sessions of other users of passport
  own.use(
    new BearerStrategy(
      { passReqToCallback: true },
      (req: unknown, token: string, done: (err: unknown, principal?: Principal | false) => void) => {
        verifier
          .verify(token, (req as PassportRequest).requestId)
          .then((principal) => done(null, principal ?? false), done);
      },
    ),
  );
  if (trustedHeader) own.use(new TrustedHeaderStrategy(trustedHeader.parse));
  const trusts = trustedHeader && peerFilter(trustedHeader.peers ?? LOOPBACK);
  const NO_RESPONSE = undefined; // with a custom callback passport never writes an answer

  const run = (
    strategy: 'bearer' | 'trusted-header',
    value: string,
    via: Principal['via'],
    requestId?: string,
  ): Promise<Principal> =>
    new Promise((resolve, reject) => {
      const done = (err: unknown, principal?: Principal | false | null): void => {
        if (err) reject(asError(err));
        else if (principal) resolve(withVia(principal, via));
        else reject(new AuthenticationError('invalid', 'unknown_token'));
      };
      (own.authenticate(strategy, { session: false }, done) as (req: unknown, res: unknown, next: unknown) => void)(
        new PassportRequest(value, requestId),
        NO_RESPONSE,
        done,
      );
    });
  return (req) => {
    try {
      if (trustedHeader && trusts) {
        const value = req.headers[trustedHeader.name];
        if (typeof value === 'string' && value.trim() !== '' && trusts(req.socket.remoteAddress))
          return run('trusted-header', value.trim(), 'rh-identity');
      }
      const found = readCredential(req.headers, accept);
      if (!found) return NOBODY;
      // A token that identity confirmed in the last seconds does not go through passport again: that would be the
      // largest cost.
      const passed = verifier.cached?.(found.token);
      return passed
        ? Promise.resolve(withVia(passed, found.via))
        : run('bearer', found.token, found.via, requestIdOf(req.headers));
    } catch (err) {
      return Promise.reject(err instanceof Error ? err : new Error(String(err)));
    }
  };
};
