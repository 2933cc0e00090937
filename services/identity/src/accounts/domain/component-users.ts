import { audit } from '../../access/domain/audit.js';
import { transactionWithInvalidation } from '../../access/domain/changes.js';
import { forbidden } from '../../access/domain/errors.js';
import { revokeAll } from '../../access/domain/revocation.js';
import type { IdentityRequest } from '../../ctx.js';
import { deleteAccount, lockAccount } from '../store/accounts.js';
import { changingAccount } from './account-change.js';
import { acceptAndActivate } from './activation.js';
import { demandReachable } from './ranks.js';

/**
 * Activates the user, once: a user who was accepted or rejected before is not changed, so a late repetition undoes
 * neither a rejection nor a deactivation.
 * @throws not_found user.absent
 */
export const activatePendingUser = (ctx: IdentityRequest, uuid: string): Promise<void> =>
  changingAccount(ctx, uuid, async (account, tx, invalidate) => {
    if (!account.moderated) await acceptAndActivate(ctx, tx, invalidate, account, 'component');
  });
/**
 * Deletes a user that this component made, unless he became an administrator, with everything made with his tokens. An
 * absent user is success.
 * @throws forbidden user.foreign, user.protected
 */
export const removeUser = (ctx: IdentityRequest, uuid: string, component: string): Promise<void> =>
  transactionWithInvalidation(ctx, async (tx, invalidate) => {
    const account = await lockAccount(tx, 'uuid', uuid);
    if (!account) return;
    if (account.madeBy !== component) throw forbidden('user.foreign');
    demandReachable(ctx, account);
    await revokeAll(ctx, tx, invalidate, account, 'deletion', 'everything');
    await deleteAccount(tx, account.id);
    await audit(ctx, tx, 'user.delete', uuid);
  });
