import type { Tx } from '@nefos/service-kit';
import { audit } from '../../access/domain/audit.js';
import { transactionWithInvalidation, type Invalidate } from '../../access/domain/changes.js';
import { conflict } from '../../access/domain/errors.js';
import { revokeAll } from '../../access/domain/revocation.js';
import type { IdentityRequest } from '../../ctx.js';
import { deleteAccount, lockSuperusers, type Account } from '../store/accounts.js';
import { changingAccount, lockAccountToChange } from './account-change.js';
import { deactivate, isAccepted } from './activation.js';

/** Seconds for which failed sign-ins still keep an account locked; null: it is not locked. */
export const lockedSeconds = (ctx: IdentityRequest, a: Account): Promise<number | null> =>
  ctx.limits.account.exhausted(a.uuid);

/** Resets the count of failed sign-ins. @returns whether the account was locked @throws not_found user.absent */
export const unlockUser = (ctx: IdentityRequest, uuid: string): Promise<boolean> =>
  changingAccount(ctx, uuid, async (account, tx) => {
    const wasLocked = (await lockedSeconds(ctx, account)) !== null;
    await ctx.limits.account.reset(account.uuid);
    await audit(ctx, tx, 'user.unlock', uuid);
    return wasLocked;
  });

/**
 * Locks an account and says whether it is the last active superuser. Superusers are locked first, see `lockSuperusers`.
 */
const lockWithSuperusers = async (ctx: IdentityRequest, uuid: string, tx: Tx, invalidate: Invalidate) => {
  const superusers = await lockSuperusers(tx);
  const account = await lockAccountToChange(ctx, uuid, tx, invalidate);
  return { account, isLastSuperuser: account.isSuperuser && !superusers.some((id) => id !== account.id) };
};
/**
 * Deactivates a user. An account that is inactive or was never accepted is not changed.
 * @returns whether the account is active afterwards
 * @throws not_found user.absent; conflict user.last_superuser: nobody could administer everything
 */
export const deactivateUser = (ctx: IdentityRequest, uuid: string, { reason }: { reason: string }): Promise<boolean> =>
  transactionWithInvalidation(ctx, async (tx, invalidate) => {
    const { account, isLastSuperuser } = await lockWithSuperusers(ctx, uuid, tx, invalidate);
    if (!isAccepted(account) || !account.isActive) return account.isActive;
    if (isLastSuperuser) throw conflict('user.last_superuser');
    await deactivate(ctx, tx, invalidate, account, { reason });
    return false;
  });

/**
 * Deletes a user with tokens, credentials, projects and everything made with them. A user that a component made is to
 * be deleted there: the component would keep a user without an account. `force` deletes such a user as well.
 * @throws not_found user.absent; conflict user.of_component, user.last_superuser
 */
export const deleteUser = (ctx: IdentityRequest, uuid: string, { force }: { force: boolean }): Promise<void> =>
  transactionWithInvalidation(ctx, async (tx, invalidate) => {
    const { account, isLastSuperuser } = await lockWithSuperusers(ctx, uuid, tx, invalidate);
    if (account.madeBy !== null && !force) throw conflict('user.of_component', { component: account.madeBy });
    if (isLastSuperuser) throw conflict('user.last_superuser');
    await revokeAll(ctx, tx, invalidate, account, 'deletion', 'everything');
    await deleteAccount(tx, account.id);
    await audit(ctx, tx, 'user.delete', uuid, 'ok', { username: account.username });
  });
