import type { Tx } from '@nefos/service-kit';
import type { Invalidate } from '../../access/domain/changes.js';
import { revokeAll } from '../../access/domain/revocation.js';
import type { IdentityRequest } from '../../ctx.js';
import { lockAccount, updateAccount, type Account } from '../store/accounts.js';

/** Locks the account. @returns whether its password is still the one that `account` was read with */
export const lockWithPassword = async (tx: Tx, account: Pick<Account, 'id' | 'passwordHash'>): Promise<boolean> =>
  (await lockAccount(tx, 'id', account.id))?.passwordHash === account.passwordHash;
/** Records a sign-in, and a new hash of the same password where there is one. */
export const noteSignIn = (tx: Tx, id: number, passwordHash: string | undefined): Promise<void> =>
  updateAccount(tx, id, { loggedIn: true, passwordHash });
/** Stores a new password, and revokes all tokens and everything made with them. */
export const replacePassword = async (
  ctx: IdentityRequest,
  tx: Tx,
  invalidate: Invalidate,
  account: Pick<Account, 'id' | 'uuid'>,
  passwordHash: string,
): Promise<void> => {
  await updateAccount(tx, account.id, { passwordHash });
  await revokeAll(ctx, tx, invalidate, account, 'new password', 'tokens');
};
