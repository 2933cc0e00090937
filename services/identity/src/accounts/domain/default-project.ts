import type { Tx } from '@nefos/service-kit';
import type { IdentityRequest } from '../../ctx.js';
import { updateAccount, type Account } from '../store/accounts.js';
import { projectOfMember } from '../../projects/domain/system-projects.js';
import { changingAccount } from './account-change.js';
import { audit } from '../../access/domain/audit.js';
import { demandUnrestricted } from '../../access/domain/derivation.js';
import { forbidden } from '../../access/domain/errors.js';
import type { UserToken } from '../../access/domain/tokens.js';

/**
 * Sets the project that the user's tokens are scoped to.
 * @throws not_found project.absent, also for a project of others; conflict project.over; forbidden project.not_member
 */
export const setDefaultProject = async (
  ctx: IdentityRequest,
  tx: Tx,
  account: Pick<Account, 'id' | 'uuid'>,
  uuid: string,
): Promise<void> => {
  const project = await projectOfMember(tx, account.id, uuid);
  await updateAccount(tx, account.id, { defaultProject: project.uuid });
  await audit(ctx, tx, 'user.default_project', account.uuid, 'ok', { project: project.uuid });
};
/** By the user (contract identity §7.3). @throws forbidden project.id_missing; as `setDefaultProject` */
export const chooseDefaultProject = (
  ctx: IdentityRequest,
  t: UserToken,
  uuid: string | null | undefined,
): Promise<void> => {
  demandUnrestricted(t);
  if (uuid === null || uuid === undefined) throw forbidden('project.id_missing');
  return changingAccount(ctx, t.user.uuid, (account, tx) => setDefaultProject(ctx, tx, account, uuid));
};
