import { AuthenticationError, createAuthenticator, type TokenVerifier } from '@nefos/auth';
import type { Principal } from '@nefos/contracts';
import { Fault, unavailable } from '@nefos/service-kit';
import type { Request } from 'express';
import { TOKEN_UNKNOWN } from './access/errors.js';
import { accountNumberOf } from './access/domain/identity-header.js';

/** Who sends a request. @throws Fault unauthenticated, also when nobody says; unavailable when identity can not be asked */
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

/** @param peers whose X-RH-IDENTITY is believed; undefined: nobody's, tokens only */
export const authenticateBy = (
  verifier: Pick<TokenVerifier, 'verify'>,
  peers: readonly string[] | undefined,
): Authenticate => {
  const ask = createAuthenticator({
    verifier,
    accept: ['x-auth-token', 'bearer'],
    ...(peers && { trustedHeader: { name: 'x-rh-identity', peers, parse: principalOf } }),
  });
  return async (req) => {
    const principal = await ask(req).catch((err: unknown) => {
      throw asFault(err);
    });
    // A header of an address that is not believed is an attempt, or a setting that is missing: the log has it.
    if (!principal)
      throw new Fault(
        'unauthenticated',
        req.headers['x-rh-identity'] ? 'header.untrusted_peer' : 'credentials.missing',
      );
    return principal;
  };
};
