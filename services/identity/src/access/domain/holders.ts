import type { Queryable, Tx } from '@nefos/service-kit';
import type { IdentityCtx } from '../../ctx.js';
import { mustSignTerms, shareHolder } from '../store/holders.js';
import { unauthenticated } from './errors.js';

/** Whether terms of use that are not signed lock the user out. */
export const mustSign = (ctx: IdentityCtx, q: Queryable, accountId: number): Promise<boolean> =>
  mustSignTerms(q, accountId, ctx.settings.adminGroups);
/**
 * What decides whether the user may have a token. Holds off whoever wants to deactivate the account, change its password or revoke its
 * tokens until the transaction ends; undefined: there is no such account.
 */
export const holderForMinting = (ctx: IdentityCtx, tx: Tx, accountId: number): ReturnType<typeof shareHolder> =>
  shareHolder(tx, accountId, ctx.settings.adminGroups);
/**
 * A password that is changed, or a user who is deactivated, between the check and the token must not get the token; nor is one made that
 * would be refused. `unsigned`: also when terms of use wait to be signed. @throws unauthenticated credentials.wrong, terms.pending
 */
export const demandUnchanged = async (
  ctx: IdentityCtx,
  tx: Tx,
  account: { id: number; passwordHash?: string | null },
  { unsigned = false } = {},
): Promise<void> => {
  const now = await holderForMinting(ctx, tx, account.id);
  if (!now?.isActive || (account.passwordHash !== undefined && now.passwordHash !== account.passwordHash))
    throw unauthenticated('credentials.wrong');
  if (!now.termsSigned && !unsigned) throw unauthenticated('terms.pending');
};
