import type { Tx } from '@nefos/service-kit';
import { audit } from '../../access/domain/audit.js';
import type { Invalidate } from '../../access/domain/changes.js';
import { joinDefaultGroup } from '../../access/domain/groups.js';
import { revokeAll } from '../../access/domain/revocation.js';
import type { IdentityRequest } from '../../ctx.js';
import {
  ensureSystemProject,
  resumeSystemProject,
  suspendSystemProject,
} from '../../projects/domain/system-projects.js';
import { updateAccount, type Account } from '../store/accounts.js';

export type AccountState = 'active' | 'inactive' | 'rejected' | 'not verified' | 'not accepted';
/** Whether the account may be activated and deactivated (contract identity §8.1). */
export const isAccepted = (a: Account): boolean => a.emailVerified && a.moderated && !a.isRejected;
/** The state that decides whether the user may sign in. */
export const stateOf = (a: Account): AccountState => {
  if (a.isActive) return 'active';
  if (a.isRejected) return 'rejected';
  if (!a.emailVerified) return 'not verified';
  return isAccepted(a) ? 'inactive' : 'not accepted';
};

/**
 * Makes the account verified, accepted and active (contract identity §8.1), with the group `default` and its system
 * project. May run again. `account` must be locked.
 */
export const acceptAndActivate = async (
  ctx: IdentityRequest,
  tx: Tx,
  invalidate: Invalidate,
  account: Account,
  policy: string,
): Promise<void> => {
  if (!account.emailVerified) await updateAccount(tx, account.id, { verified: true });
  if (!account.moderated || account.isRejected) await updateAccount(tx, account.id, { acceptedPolicy: policy });
  await ensureSystemProject(tx, account);
  await joinDefaultGroup(tx, account.id);
  if (!account.isActive) {
    await updateAccount(tx, account.id, { active: true });
    await resumeSystemProject(tx, account.id);
    await audit(ctx, tx, 'user.activate', account.uuid);
  }
  invalidate(`account:${account.id}`);
};
/**
 * Deactivates the account, suspends its system project and revokes its tokens for good. `suspended`, as by the portal:
 * only sign-ins are revoked, and named tokens work again after the next activation (contract compute §2 A7). `account`
 * must be locked.
 */
export const deactivate = async (
  ctx: IdentityRequest,
  tx: Tx,
  invalidate: Invalidate,
  account: Account,
  { reason, suspended = false }: { reason: string; suspended?: boolean },
): Promise<void> => {
  await updateAccount(tx, account.id, { deactivatedReason: reason });
  await suspendSystemProject(tx, account.id);
  await revokeAll(ctx, tx, invalidate, account, 'deactivation', suspended ? 'sign-ins' : 'tokens');
  await audit(ctx, tx, 'user.deactivate', account.uuid, 'ok', { reason });
};
