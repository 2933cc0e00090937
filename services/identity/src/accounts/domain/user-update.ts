import type { IdentityRequest } from '../../ctx.js';
import { lockAccount, updateAccount } from '../store/accounts.js';
import { acceptAndActivate, changingAccount, deactivate, mayChange, type Account } from './accounts.js';
import { audit } from '../../access/domain/audit.js';
import { setDefaultProject } from './default-project.js';
import { conflict } from '../../access/domain/errors.js';
import { revokeAll } from '../../access/domain/revocation.js';

/** What may be set of a user (contract identity §7.9 PUT users, §12.4 PATCH users). What is absent stays. */
export interface UserUpdate {
  /** The e-mail address, by which the user signs in and is shown. */
  username?: string | undefined;
  firstName?: string | undefined;
  lastName?: string | undefined;
  password?: string | undefined;
  affiliation?: string | undefined;
  metadata?: unknown;
  enabled?: boolean | undefined;
  /** By uuid; one of which the user is a member. */
  defaultProject?: string | undefined;
}
/**
 * Changes a user: all that is asked, or nothing. A new password revokes every token and what was made with them; a disabled user's tokens do
 * not come back.
 * @throws not_found user.absent; forbidden; conflict email.taken; conflict user.transition: not verified, not accepted, or rejected
 */
export const updateUser = async (
  ctx: IdentityRequest,
  uuid: string,
  { password, enabled, defaultProject, ...change }: UserUpdate,
): Promise<Account> => {
  const passwordHash = password === undefined ? undefined : await ctx.passwords.hash(password);
  return changingAccount(ctx, uuid, async (a, tx, stale) => {
    await updateAccount(tx, a.id, { ...change, passwordHash });
    if (passwordHash) await revokeAll(ctx, tx, stale, a, 'new password', 'tokens');
    if (enabled !== undefined && enabled !== a.isActive) {
      if (!mayChange(a)) throw conflict('user.transition');
      if (enabled) await acceptAndActivate(ctx, tx, stale, a, a.acceptedPolicy ?? 'admin');
      else await deactivate(ctx, tx, stale, a, { reason: '' });
    }
    if (defaultProject !== undefined && defaultProject !== a.defaultProject)
      await setDefaultProject(ctx, tx, a, defaultProject);
    const fields = Object.entries({ ...change, password, enabled, defaultProject }).flatMap(([key, value]) =>
      value === undefined ? [] : [key],
    );
    await audit(ctx, tx, 'user.update', uuid, 'ok', { fields });
    return (await lockAccount(tx, 'id', a.id)) as Account;
  });
};
