import type { Tx } from '@nefos/service-kit';
import type { IdentityRequest } from '../../ctx.js';
import { updateAccount } from '../store/accounts.js';
import { joinGroup, leaveGroup } from '../../access/domain/groups.js';
import { acceptAndActivate, changingAccount, deactivate, mayChange, type Account } from './accounts.js';
import { audit } from '../../access/domain/audit.js';
import type { Invalidate } from '../../access/domain/changes.js';
import { setDefaultProject } from './default-project.js';
import { bad, conflict } from '../../access/domain/errors.js';
import { demandSuperuser } from './ranks.js';
import { revokeAll } from '../../access/domain/revocation.js';
import { hasMeaning } from '../../access/domain/roles.js';
import { signLastTerms } from './signing.js';

type Value = Record<string, unknown>;
type Action = (ctx: IdentityRequest, account: Account, tx: Tx, stale: Invalidate, value: Value) => Promise<Value>;

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const groupName = (name: unknown): string => {
  if (typeof name !== 'string' || !/^[\w.:-]{1,100}$/.test(name)) throw bad('validation');
  return name;
};
const impossible = () => conflict('user.transition');

/** Each answers what it changed. Impossible `activate` and `deactivate` change nothing and say so; the actions that we added answer 409. */
const actions: Record<string, Action> = {
  activate: async (ctx, a, tx, stale) => {
    if (mayChange(a)) await acceptAndActivate(ctx, tx, stale, a, a.acceptedPolicy ?? 'admin');
    return { is_active: mayChange(a) || a.isActive };
  },
  deactivate: async (ctx, a, tx, stale, { reason }) => {
    if (!mayChange(a) || !a.isActive) return { is_active: a.isActive };
    await deactivate(ctx, tx, stale, a, { reason: textOf(reason) });
    return { is_active: false };
  },
  signTerms: async (ctx, a, tx) => {
    await signLastTerms(ctx, tx, a);
    return { has_signed_terms: true };
  },
  setDefaultProject: async (ctx, a, tx, _stale, { project_id }) => {
    const uuid = textOf(project_id);
    await setDefaultProject(ctx, tx, a, uuid);
    return { default_project: uuid };
  },
  verify: async (ctx, a, tx) => {
    if (a.emailVerified) throw impossible();
    await updateAccount(tx, a.id, { verified: true });
    await audit(ctx, tx, 'user.verify', a.uuid);
    return { email_verified: true };
  },
  accept: async (ctx, a, tx, stale) => {
    if (!a.emailVerified || (a.moderated && !a.isRejected)) throw impossible();
    await acceptAndActivate(ctx, tx, stale, a, 'admin');
    await audit(ctx, tx, 'user.accept', a.uuid);
    return { is_active: true };
  },
  reject: async (ctx, a, tx, stale, { reason }) => {
    if (!a.emailVerified || a.moderated || a.isActive) throw impossible();
    await updateAccount(tx, a.id, { rejectedReason: textOf(reason) });
    await revokeAll(ctx, tx, stale, a, 'rejection', 'tokens');
    await audit(ctx, tx, 'user.reject', a.uuid);
    return { is_rejected: true };
  },
  addGroup: async (ctx, a, tx, stale, { name }) => {
    const wanted = groupName(name);
    if (ctx.settings.adminGroups.includes(wanted) || hasMeaning(wanted)) demandSuperuser(ctx);
    const group = await joinGroup(tx, a.id, wanted);
    stale('directory');
    await audit(ctx, tx, 'group.add', a.uuid, 'ok', { group: group.name });
    return { group: group.name };
  },
  removeGroup: async (ctx, a, tx, _stale, { name }) => {
    if (!(await leaveGroup(tx, a.id, groupName(name)))) throw impossible();
    await audit(ctx, tx, 'group.remove', a.uuid, 'ok', { group: name });
    return { group: name };
  },
  revokeTokens: async (ctx, a, tx, stale) => {
    await revokeAll(ctx, tx, stale, a, 'administrator', 'everything');
    return {};
  },
};
/** What an administrator may do to a user (contract identity §7.9). @throws not_found user.absent, conflict user.transition */
export const actOn = (ctx: IdentityRequest, uuid: string, name: string, value: Value): Promise<Value> => {
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (!action) throw bad('action.unknown');
  return changingAccount(ctx, uuid, (account, tx, stale) => action(ctx, account, tx, stale, value));
};
