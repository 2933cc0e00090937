import { AuthenticationError, createAuthenticator, type TokenVerifier } from '@nefos/auth';
import type { Principal } from '@nefos/contracts';
import { Fault, unavailable } from '@nefos/service-kit';
import type { Request } from 'express';
import type { BasicUsers } from './access/domain/basic-users.js';
import type { IntrospectionConfig } from './config.js';

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
const UTF8 = new TextDecoder('utf-8', { fatal: true });
/** Name and password of HTTP Basic. @throws Fault invalid basic.malformed: another scheme, or not well formed */
const basicOf = (header: string): { name: string; password: string } => {
  const [, encoded] = /^basic[ \t]+([A-Za-z0-9+/]{1,2000}={0,2})[ \t]*$/i.exec(header) ?? [];
  try {
    const text = UTF8.decode(Buffer.from(encoded ?? '', 'base64'));
    const at = text.indexOf(':');
    if (at > 0) return { name: text.slice(0, at), password: text.slice(at + 1) };
  } catch {
    // No UTF-8 is not well formed either.
  }
  throw new Fault('invalid', 'basic.malformed');
};
/** Users of a file (contract introspection §1.4, mode `http_basic`): each is an administrator. */
export const byBasic =
  (users: BasicUsers): Authenticate =>
  async ({ headers: { authorization } }) => {
    if (authorization === undefined) throw new Fault('unauthenticated', 'credentials.missing');
    const { name, password } = basicOf(authorization);
    if (!(await users.check(name, password))) throw new Fault('unauthenticated', 'basic.wrong');
    return { kind: 'user', uuid: `basic:${name}`, displayName: name, roles: ['admin'], via: 'basic' };
  };
/** Everything is open: whoever calls is an administrator. For a network of its own, and for tests of clients. */
export const noAuthentication: Authenticate = () =>
  Promise.resolve({ kind: 'user', uuid: 'noauth', displayName: 'noauth', roles: ['admin'], via: 'x-auth-token' });
/** How to authenticate, for the header of a 401. */
export const challengeOf = ({ NEFOS_INTROSPECTION_AUTH, NEFOS_PUBLIC_URL }: IntrospectionConfig): string =>
  NEFOS_INTROSPECTION_AUTH === 'http_basic'
    ? 'Basic realm="Baremetal API"'
    : `Keystone uri="${NEFOS_PUBLIC_URL}/identity"`;
