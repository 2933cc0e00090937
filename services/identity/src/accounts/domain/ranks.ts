import type { Settings } from '../../config.js';
import type { IdentityRequest } from '../../ctx.js';
import type { Account } from '../store/accounts.js';
import { forbidden } from '../../access/domain/errors.js';
import type { UserToken } from '../../access/domain/tokens.js';
import type { Caller } from '../../access/domain/caller.js';

/** Whether the account may administer users: a superuser, or a member of an administrators' group. */
export const administers = (
  { adminGroups }: Pick<Settings, 'adminGroups'>,
  a: Pick<Account, 'isSuperuser' | 'groups'>,
): boolean => a.isSuperuser || a.groups.some((name) => adminGroups.includes(name));

/**
 * The calling user. Undefined on the command line, whose operator may do everything, and for a component, whose rights
 * are checked by the contract.
 */
const actorOf = (ctx: IdentityRequest): UserToken | undefined => {
  const record = (ctx.principal as Caller | null)?.record;
  return record?.user ? (record as UserToken) : undefined;
};
/** With an application credential only if that carries the role `admin`. */
const isSuperuser = ({ user, credential }: UserToken): boolean =>
  user.isSuperuser && (credential === null || credential.roles.includes('admin'));

/**
 * Ranks: superusers, administrators, users. A superuser may change everybody; others may change themselves and users of
 * a lower rank.
 * @throws Fault forbidden
 */
export const demandAbove = (ctx: IdentityRequest, account: Pick<Account, 'id' | 'isSuperuser' | 'groups'>): void => {
  const actor = actorOf(ctx);
  if (!actor || isSuperuser(actor) || actor.user.id === account.id) return;
  if (administers(ctx.settings, account)) throw forbidden();
};
/** Only a superuser makes administrators. @throws Fault forbidden */
export const demandSuperuser = (ctx: IdentityRequest): void => {
  const actor = actorOf(ctx);
  if (actor && !isSuperuser(actor)) throw forbidden();
};
/** A component may not change administrators: its staff rank below them. @throws Fault forbidden user.protected */
export const demandReachable = (ctx: IdentityRequest, account: Pick<Account, 'isSuperuser' | 'groups'>): void => {
  if (administers(ctx.settings, account)) throw forbidden('user.protected');
};
