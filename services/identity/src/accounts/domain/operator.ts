import type { IdentityRequest } from '../../ctx.js';
import { deleteAccount, lockSuperusers } from '../store/accounts.js';
import { accountToChange, changingAccount, deactivate, mayChange, type Account } from './accounts.js';
import { audit } from '../../access/domain/audit.js';
import { changing } from '../../access/domain/changes.js';
import { conflict } from '../../access/domain/errors.js';
import { revokeAll } from '../../access/domain/revocation.js';

export type AccountState = 'active' | 'inactive' | 'rejected' | 'not verified' | 'not accepted';
/** In one word, what decides whether somebody may sign in. */
export const stateOf = (a: Account): AccountState =>
  a.isActive
    ? 'active'
    : a.isRejected
      ? 'rejected'
      : !a.emailVerified
        ? 'not verified'
        : mayChange(a)
          ? 'inactive'
          : 'not accepted';
/** Seconds for which failed sign-ins keep an account locked; null: it is not. */
export const lockedFor = (ctx: IdentityRequest, a: Account): Promise<number | null> =>
  ctx.limits.account.exhausted(a.uuid);

/** Ends the pause after failed sign-ins, and forgets the failures. @returns whether there was one @throws not_found user.absent */
export const unlockUser = (ctx: IdentityRequest, uuid: string): Promise<boolean> =>
  changingAccount(ctx, uuid, async (a, tx) => {
    const locked = (await lockedFor(ctx, a)) !== null;
    await ctx.limits.account.reset(a.uuid);
    await audit(ctx, tx, 'user.unlock', uuid);
    return locked;
  });

/**
 * Who is inactive already, or was never accepted, stays as he is.
 * @returns whether he is active @throws not_found user.absent, conflict user.last_superuser: nobody could administer anything
 */
export const deactivateUser = (ctx: IdentityRequest, uuid: string, { reason }: { reason: string }): Promise<boolean> =>
  changing(ctx, async (tx, stale) => {
    const superusers = await lockSuperusers(tx);
    const a = await accountToChange(ctx, uuid, tx, stale);
    if (!mayChange(a) || !a.isActive) return a.isActive;
    if (a.isSuperuser && !superusers.some((id) => id !== a.id)) throw conflict('user.last_superuser');
    await deactivate(ctx, tx, stale, a, { reason });
    return false;
  });

/**
 * Deletes a user with tokens, credentials, projects and everything that was made with them. What a component made is its to delete: there the
 * user would stay behind, without an account; `force` does it all the same.
 * @throws not_found user.absent, conflict user.of_component, user.last_superuser
 */
export const deleteUser = (ctx: IdentityRequest, uuid: string, { force }: { force: boolean }): Promise<void> =>
  changing(ctx, async (tx, stale) => {
    const superusers = await lockSuperusers(tx);
    const a = await accountToChange(ctx, uuid, tx, stale);
    if (a.madeBy !== null && !force) throw conflict('user.of_component', { component: a.madeBy });
    if (a.isSuperuser && !superusers.some((id) => id !== a.id)) throw conflict('user.last_superuser');
    await revokeAll(ctx, tx, stale, a, 'deletion', 'everything');
    await deleteAccount(tx, a.id);
    await audit(ctx, tx, 'user.delete', uuid, 'ok', { username: a.username });
  });
