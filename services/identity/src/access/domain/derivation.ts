import type { Tx } from '@nefos/service-kit';
import { holdCredential, holdParent } from '../store/derived.js';
import { conflict, forbidden, unauthenticated } from './errors.js';
import type { UserToken } from './tokens.js';

export { holdCredential, holdParent };

/** Rules for everything that is made with a token: never more rights, scope or life than it has, and it ends with it. */

/** Whether somebody showed the password for this token or for what it was exchanged from. */
const byPassword = (t: UserToken): boolean => t.credential === null && t.methods.includes('password');
/**
 * When what is named and kept (an application credential, a token of the portal) must end at the latest. With the token it is made with;
 * who proved a password may make what outlives that sign-in. null: it need not end.
 */
export const lifeOf = (t: UserToken): string | null => (byPassword(t) ? null : t.expiresAt);
/** @throws forbidden credential.restricted: the token is of a credential that may not make or manage others */
export const demandUnrestricted = (t: UserToken): void => {
  if (t.credential && !t.credential.unrestricted) throw forbidden('credential.restricted');
};
/** @throws forbidden token.read_only */
export const demandWriting = (t: UserToken): void => {
  if (t.readOnly) throw forbidden('token.read_only');
};
/** The public name of the token that something is being made with; nobody revokes it before this transaction ends. @throws unauthenticated when it is over */
export const parentOf = async (tx: Tx, t: UserToken | undefined): Promise<string | undefined> => {
  if (t && !(await holdParent(tx, t.auditId))) throw unauthenticated('token.unknown');
  return t?.auditId;
};
/** The same of what a user asks a component with: a 401 would speak of the component. @throws conflict token.over */
export const parentByComponent = async (tx: Tx, t: UserToken | undefined): Promise<string | null> => {
  if (t && !(await holdParent(tx, t.auditId))) throw conflict('token.over');
  return t?.auditId ?? null;
};
