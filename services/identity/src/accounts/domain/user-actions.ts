import type { Tx } from '@nefos/service-kit';
import { audit } from '../../access/domain/audit.js';
import type { Invalidate } from '../../access/domain/changes.js';
import { bad, conflict } from '../../access/domain/errors.js';
import { joinGroup, leaveGroup } from '../../access/domain/groups.js';
import { revokeAll } from '../../access/domain/revocation.js';
import { isReservedRole } from '../../access/domain/roles.js';
import type { IdentityRequest } from '../../ctx.js';
import { updateAccount, type Account } from '../store/accounts.js';
import { changingAccount } from './account-change.js';
import { acceptAndActivate, deactivate, isAccepted } from './activation.js';
import { setDefaultProject } from './default-project.js';
import { demandSuperuser } from './ranks.js';
import { signLastTerms } from './signing.js';

/** What an action is given; each reads what it needs. */
export interface ActionInput {
  reason?: unknown;
  projectId?: unknown;
  /** The name of a group. */
  name?: unknown;
}
/** What an action changed. */
export interface ActionResult {
  isActive?: boolean;
  hasSignedTerms?: boolean;
  defaultProject?: string;
  emailVerified?: boolean;
  isRejected?: boolean;
  group?: string;
}
interface Change {
  ctx: IdentityRequest;
  /** Locked. */
  account: Account;
  tx: Tx;
  invalidate: Invalidate;
}
type Action = (change: Change, input: ActionInput) => Promise<ActionResult>;

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const groupNameOf = (name: unknown): string => {
  if (typeof name !== 'string' || !/^[\w.:-]{1,100}$/.test(name)) throw bad('validation');
  return name;
};
const impossible = () => conflict('user.transition');

// An impossible `activate` or `deactivate` changes nothing and answers the state, as Astakos does; the actions that
// Astakos does not have answer 409.
const actions: Record<string, Action> = {
  activate: async ({ ctx, account, tx, invalidate }) => {
    const accepted = isAccepted(account);
    if (accepted) await acceptAndActivate(ctx, tx, invalidate, account, account.acceptedPolicy ?? 'admin');
    return { isActive: accepted || account.isActive };
  },
  deactivate: async ({ ctx, account, tx, invalidate }, { reason }) => {
    if (!isAccepted(account) || !account.isActive) return { isActive: account.isActive };
    await deactivate(ctx, tx, invalidate, account, { reason: textOf(reason) });
    return { isActive: false };
  },
  signTerms: async ({ ctx, account, tx }) => {
    await signLastTerms(ctx, tx, account);
    return { hasSignedTerms: true };
  },
  setDefaultProject: async ({ ctx, account, tx }, { projectId }) => {
    const uuid = textOf(projectId);
    await setDefaultProject(ctx, tx, account, uuid);
    return { defaultProject: uuid };
  },
  verify: async ({ ctx, account, tx }) => {
    if (account.emailVerified) throw impossible();
    await updateAccount(tx, account.id, { verified: true });
    await audit(ctx, tx, 'user.verify', account.uuid);
    return { emailVerified: true };
  },
  accept: async ({ ctx, account, tx, invalidate }) => {
    if (!account.emailVerified || (account.moderated && !account.isRejected)) throw impossible();
    await acceptAndActivate(ctx, tx, invalidate, account, 'admin');
    await audit(ctx, tx, 'user.accept', account.uuid);
    return { isActive: true };
  },
  reject: async ({ ctx, account, tx, invalidate }, { reason }) => {
    if (!account.emailVerified || account.moderated || account.isActive) throw impossible();
    await updateAccount(tx, account.id, { rejectedReason: textOf(reason) });
    await revokeAll(ctx, tx, invalidate, account, 'rejection', 'tokens');
    await audit(ctx, tx, 'user.reject', account.uuid);
    return { isRejected: true };
  },
  addGroup: async ({ ctx, account, tx, invalidate }, { name }) => {
    const groupName = groupNameOf(name);
    if (ctx.settings.adminGroups.includes(groupName) || isReservedRole(groupName)) demandSuperuser(ctx);
    const group = await joinGroup(tx, account.id, groupName);
    invalidate('directory');
    await audit(ctx, tx, 'group.add', account.uuid, 'ok', { group: group.name });
    return { group: group.name };
  },
  removeGroup: async ({ ctx, account, tx }, { name }) => {
    const group = groupNameOf(name);
    if (!(await leaveGroup(tx, account.id, group))) throw impossible();
    await audit(ctx, tx, 'group.remove', account.uuid, 'ok', { group });
    return { group };
  },
  revokeTokens: async ({ ctx, account, tx, invalidate }) => {
    await revokeAll(ctx, tx, invalidate, account, 'administrator', 'everything');
    return {};
  },
};
/**
 * What an administrator may do to a user (contract identity §7.9).
 * @throws invalid action.unknown; not_found user.absent; conflict user.transition; forbidden
 */
export const performUserAction = (
  ctx: IdentityRequest,
  uuid: string,
  name: string,
  input: ActionInput = {},
): Promise<ActionResult> => {
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (!action) throw bad('action.unknown');
  return changingAccount(ctx, uuid, (account, tx, invalidate) => action({ ctx, account, tx, invalidate }, input));
};
