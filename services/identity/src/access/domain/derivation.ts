import type { Tx } from '@nefos/service-kit';
import * as store from '../store/derived.js';
import { conflict, forbidden, unauthenticated } from './errors.js';
import type { UserToken } from './tokens.js';

// Rules for what is made with a token: it has at most the token's rights, scope and life, and is revoked with it.

/** Whether the user gave a password for this token, or for the one it was exchanged from. */
const byPassword = (token: UserToken): boolean => token.credential === null && token.methods.includes('password');
/**
 * When a named token or an application credential that is made with `token` must expire at the latest: not later than
 * `token`. No limit (null) if the user signed in by password.
 */
export const latestExpiry = (token: UserToken): string | null => (byPassword(token) ? null : token.expiresAt);
/** @throws forbidden credential.restricted: the token is of a credential that may not make or manage others */
export const demandUnrestricted = (token: UserToken): void => {
  if (token.credential && !token.credential.unrestricted) throw forbidden('credential.restricted');
};
/** @throws forbidden token.read_only */
export const demandMayWrite = (token: UserToken): void => {
  if (token.readOnly) throw forbidden('token.read_only');
};
/** Keeps the credential from being deleted until the transaction ends. @returns false when there is none */
export const shareLockCredential = (tx: Tx, id: string): Promise<boolean> => store.shareLockCredential(tx, id);
/**
 * Keeps the token of this public name from being revoked until the transaction ends: whoever makes something with a
 * token does this first, so a revocation finds what was made. @returns false when it is revoked or expired
 */
export const shareLockParent = (tx: Tx, auditId: string): Promise<boolean> => store.shareLockParent(tx, auditId);
/**
 * Share-locks the caller's own token, the parent of what is made, if there is one.
 * @returns its public name @throws unauthenticated token.unknown
 */
export const parentOf = async (tx: Tx, token: UserToken | undefined): Promise<string | undefined> => {
  if (token && !(await shareLockParent(tx, token.auditId))) throw unauthenticated('token.unknown');
  return token?.auditId;
};
/**
 * Share-locks the parent that a component named for a user, if it did. @returns its public name
 * @throws conflict token.over: a 401 would speak of the component's own token
 */
export const parentByComponent = async (tx: Tx, token: UserToken | undefined): Promise<string | null> => {
  if (!token) return null;
  if (!(await shareLockParent(tx, token.auditId))) throw conflict('token.over');
  return token.auditId;
};
