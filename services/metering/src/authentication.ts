import { AuthenticationError, createAuthenticator, type TokenVerifier } from '@nefos/auth';
import type { Principal } from '@nefos/contracts';
import { Fault, unavailable } from '@nefos/service-kit';
import type { Request } from 'express';
import { TOKEN_UNKNOWN } from './access/errors.js';
import { accountNumberOf } from './access/domain/identity-header.js';

/**
 * The principal behind a request.
 * @throws Fault unauthenticated, also without credentials; unavailable when identity does not answer
 */
export type Authenticate = (req: Request) => Promise<Principal>;

const principalOf = (header: string): Principal => {
  const uuid = accountNumberOf(header);
  return { kind: 'user', uuid, displayName: uuid, roles: [], via: 'rh-identity' };
};
const asFault = (err: unknown): unknown => {
  if (!(err instanceof AuthenticationError)) return err;
  if (err.reason === 'unavailable')
    return unavailable('identity', { ...(err.retryAfter !== undefined && { retryAfter: err.retryAfter }) }, err.cause);
  return err.cause instanceof Fault ? err.cause : new Fault('unauthenticated', TOKEN_UNKNOWN, {}, { cause: err });
};

/** @param peers whose X-RH-IDENTITY is trusted: addresses and CIDR ranges; undefined: tokens only */
export const authenticateBy = (
  verifier: Pick<TokenVerifier, 'verify'>,
  peers: readonly string[] | undefined,
): Authenticate => {
  const readPrincipal = createAuthenticator({
    verifier,
    accept: ['x-auth-token', 'bearer'],
    ...(peers && { trustedHeader: { name: 'x-rh-identity', peers, parse: principalOf } }),
  });
  return async (req) => {
    const principal = await readPrincipal(req).catch((err: unknown) => {
      throw asFault(err);
    });
    // A header from a peer that is not trusted is a forgery or a missing setting: the security log shows it.
    if (!principal)
      throw new Fault(
        'unauthenticated',
        req.headers['x-rh-identity'] ? 'header.untrusted_peer' : 'credentials.missing',
      );
    return principal;
  };
};
