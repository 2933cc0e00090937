import type { IncomingHttpHeaders } from 'node:http';
import type { Principal } from '@nefos/contracts';
import { AuthenticationError } from './authentication-error.js';

export type CredentialKind = 'x-auth-token' | 'bearer' | 'token';
export interface Credential {
  via: Principal['via'] & CredentialKind;
  token: string;
}

const LONGEST = 4096;
const SCHEME = /^(bearer|token)(?=[ \t]|$)/i;
/** One word of visible ASCII. @throws AuthenticationError malformed */
const word = (value: string): string => {
  const token = value.trim();
  if (!token) throw new AuthenticationError('malformed', 'no_credentials');
  if (/[ \t]/.test(token)) throw new AuthenticationError('malformed', 'spaces');
  if (!/^[\x21-\x7e]+$/.test(token)) throw new AuthenticationError('malformed', 'characters');
  if (token.length > LONGEST) throw new AuthenticationError('malformed', 'too_long');
  return token;
};

/**
 * The first credential that is there, in the order of `accept`; undefined when there is none. Another scheme of
 * `Authorization` and an empty `X-Auth-Token` count as none.
 * @throws AuthenticationError malformed
 */
export const readCredential = (
  headers: IncomingHttpHeaders,
  accept: readonly CredentialKind[],
): Credential | undefined => {
  for (const via of accept) {
    if (via === 'x-auth-token') {
      const value = headers['x-auth-token'];
      if (typeof value === 'string' && value.trim() !== '') return { via, token: word(value) };
    } else {
      const found = headers.authorization === undefined ? null : SCHEME.exec(headers.authorization.trim());
      if (found?.[1]?.toLowerCase() === via) return { via, token: word(found.input.slice(found[0].length)) };
    }
  }
  return undefined;
};
