import { AuthenticationError, createAuthenticator, type TokenVerifier } from '@nefos/auth';
import type { Principal } from '@nefos/contracts';
import { Fault, unavailable } from '@nefos/service-kit';
import type { Request } from 'express';

/** The principal behind a request. @throws Fault unauthenticated, unavailable */
export type Authenticate = (req: Request) => Promise<Principal>;

const asFault = (err: unknown): unknown => {
  if (!(err instanceof AuthenticationError)) return err;
  if (err.reason === 'unavailable')
    return unavailable('identity', { ...(err.retryAfter !== undefined && { retryAfter: err.retryAfter }) }, err.cause);
  return new Fault('unauthenticated', 'token', {}, { cause: err });
};
/** Tokens of identity (contract introspection §1.4, mode `keystone`). */
export const byToken = (verifier: Pick<TokenVerifier, 'verify'>): Authenticate => {
  const readPrincipal = createAuthenticator({ verifier, accept: ['x-auth-token', 'bearer'] });
  return async (req) => {
    const principal = await readPrincipal(req).catch((err: unknown) => {
      throw asFault(err);
    });
    if (!principal) throw new Fault('unauthenticated', 'credentials.missing');
    return principal;
  };
};
/** Everything is open: whoever calls is an administrator. For a network of its own, and for tests of clients. */
export const noAuthentication: Authenticate = () =>
  Promise.resolve({ kind: 'user', uuid: 'noauth', displayName: 'noauth', roles: ['admin'], via: 'x-auth-token' });
