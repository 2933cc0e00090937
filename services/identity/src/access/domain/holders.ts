import type { Queryable, Tx } from '@nefos/service-kit';
import type { IdentityCtx } from '../../ctx.js';
import { mustSignTerms, shareLockHolder, type HolderState } from '../store/holders.js';
import { unauthenticated } from './errors.js';

/** Whether terms of use that are not signed lock the user out. */
export const mustSign = (ctx: IdentityCtx, q: Queryable, accountId: number): Promise<boolean> =>
  mustSignTerms(q, accountId, ctx.settings.adminGroups);
/**
 * Reads and locks what decides whether the user may get a token. Whoever deactivates the account, changes its password
 * or revokes its tokens waits for this transaction. Undefined: there is no such account.
 */
export const holderForMinting = (ctx: IdentityCtx, tx: Tx, accountId: number): Promise<HolderState | undefined> =>
  shareLockHolder(tx, accountId, ctx.settings.adminGroups);
/**
 * Checks again, in the minting transaction, that the user is active and has the password that was verified: both may
 * have changed since.
 * @param account without `passwordHash` the password is not compared
 * @param options.unsigned true: unsigned terms do not matter
 * @throws unauthenticated credentials.wrong, terms.pending
 */
export const demandUnchanged = async (
  ctx: IdentityCtx,
  tx: Tx,
  account: { id: number; passwordHash?: string | null },
  { unsigned = false } = {},
): Promise<void> => {
  const holder = await holderForMinting(ctx, tx, account.id);
  if (!holder?.isActive || (account.passwordHash !== undefined && holder.passwordHash !== account.passwordHash))
    throw unauthenticated('credentials.wrong');
  if (!holder.termsSigned && !unsigned) throw unauthenticated('terms.pending');
};
