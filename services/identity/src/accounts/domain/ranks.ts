import type { Settings } from '../../config.js';
import type { IdentityRequest } from '../../ctx.js';
import type { Account } from '../store/accounts.js';
import { forbidden } from '../../access/domain/errors.js';
import type { TokenRecord, UserToken } from '../../access/domain/tokens.js';

/** Whether the account administers users here: a superuser, or a member of an administrators' group. */
export const administers = (
  { adminGroups }: Pick<Settings, 'adminGroups'>,
  a: Pick<Account, 'isSuperuser' | 'groups'>,
): boolean => a.isSuperuser || a.groups.some((name) => adminGroups.includes(name));

/** The user who acts. Undefined: the command line, whose operator may do everything, or a component, whose contract says what it may. */
const actorOf = (ctx: IdentityRequest): UserToken | undefined => {
  const record = (ctx.principal as { record?: TokenRecord } | null)?.record;
  return record?.user ? (record as UserToken) : undefined;
};
/** Superusers are above administrators, those above users; a credential that does not carry the role `admin` is no superuser's. */
const isSuperuser = ({ user, credential }: UserToken): boolean =>
  user.isSuperuser && (credential === null || credential.roles.includes('admin'));

/** Nobody acts on somebody of the own rank or above, but superusers, and everybody on themselves. @throws Fault forbidden */
export const demandAbove = (ctx: IdentityRequest, account: Pick<Account, 'id' | 'isSuperuser' | 'groups'>): void => {
  const actor = actorOf(ctx);
  if (!actor || isSuperuser(actor) || actor.user.id === account.id) return;
  if (administers(ctx.settings, account)) throw forbidden();
};
/** Who makes administrators must be above them. @throws Fault forbidden */
export const demandSuperuser = (ctx: IdentityRequest): void => {
  const actor = actorOf(ctx);
  if (actor && !isSuperuser(actor)) throw forbidden();
};
/** Administrators are out of a component's reach: its own staff are below them. @throws Fault forbidden user.protected */
export const demandReachable = (ctx: IdentityRequest, account: Pick<Account, 'isSuperuser' | 'groups'>): void => {
  if (administers(ctx.settings, account)) throw forbidden('user.protected');
};
