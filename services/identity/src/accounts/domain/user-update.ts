import type { IdentityRequest } from '../../ctx.js';
import { lockedAccount, updateAccount, type Account } from '../store/accounts.js';
import { changingAccount } from './account-change.js';
import { acceptAndActivate, deactivate, isAccepted } from './activation.js';
import { audit } from '../../access/domain/audit.js';
import { setDefaultProject } from './default-project.js';
import { conflict } from '../../access/domain/errors.js';
import { revokeAll } from '../../access/domain/revocation.js';

/** Changes of a user (contract identity §7.9 PUT users, §12.4 PATCH users); what is absent is not changed. */
export interface UserUpdate {
  /** The e-mail address, by which the user signs in and is shown. */
  username?: string | undefined;
  firstName?: string | undefined;
  lastName?: string | undefined;
  password?: string | undefined;
  affiliation?: string | undefined;
  metadata?: unknown;
  enabled?: boolean | undefined;
  /** The uuid of a project of which the user is a member. */
  defaultProject?: string | undefined;
}
/**
 * Makes all changes, or none. A new password and disabling revoke all tokens for good, and everything made with them.
 * @throws not_found user.absent; forbidden; conflict email.taken; conflict user.transition when a user who is not
 *   verified, not accepted or rejected is enabled or disabled
 */
export const updateUser = async (
  ctx: IdentityRequest,
  uuid: string,
  { password, enabled, defaultProject, ...change }: UserUpdate,
): Promise<Account> => {
  const passwordHash = password === undefined ? undefined : await ctx.passwords.hash(password);
  return changingAccount(ctx, uuid, async (account, tx, invalidate) => {
    await updateAccount(tx, account.id, { ...change, passwordHash });
    if (passwordHash) await revokeAll(ctx, tx, invalidate, account, 'new password', 'tokens');
    if (enabled !== undefined && enabled !== account.isActive) {
      if (!isAccepted(account)) throw conflict('user.transition');
      if (enabled) await acceptAndActivate(ctx, tx, invalidate, account, account.acceptedPolicy ?? 'admin');
      else await deactivate(ctx, tx, invalidate, account, { reason: '' });
    }
    if (defaultProject !== undefined && defaultProject !== account.defaultProject)
      await setDefaultProject(ctx, tx, account, defaultProject);
    const fields = Object.entries({ ...change, password, enabled, defaultProject }).flatMap(([key, value]) =>
      value === undefined ? [] : [key],
    );
    await audit(ctx, tx, 'user.update', uuid, 'ok', { fields });
    return lockedAccount(tx, account.id);
  });
};
