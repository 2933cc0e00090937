import { callerOf, userOf } from '../../access/domain/caller.js';
import { demandUnrestricted } from '../../access/domain/derivation.js';
import { bad, forbidden } from '../../access/domain/errors.js';
import { isAdmin } from '../../access/domain/roles.js';
import type { UserToken } from '../../access/domain/tokens.js';
import type { IdentityRequest } from '../../ctx.js';

/** Who may do what through Keystone's APIs. On v3 components call as well. */

export const isComponent = (ctx: IdentityRequest): boolean => callerOf(ctx).record.component !== null;
export const isAdministrator = async (ctx: IdentityRequest): Promise<boolean> =>
  isAdmin(ctx, await ctx.directory.get(), callerOf(ctx).record);
/** @throws forbidden */
export const demandAdmin = async (ctx: IdentityRequest): Promise<void> => {
  if (!(await isAdministrator(ctx))) throw forbidden();
};
/** Whether the caller is the user of this uuid. */
export const isSelf = (ctx: IdentityRequest, uuid: string): boolean =>
  !isComponent(ctx) && userOf(ctx).user.uuid === uuid;
/** @throws forbidden */
export const demandSelf = (ctx: IdentityRequest, uuid: string): void => {
  if (!isSelf(ctx, uuid)) throw forbidden();
};
/** As `demandSelf`, where only users call. @throws unauthenticated for a component; forbidden */
export const demandOwner = (ctx: IdentityRequest, uuid: string): void => {
  if (userOf(ctx).user.uuid !== uuid) throw forbidden();
};
/** The user of this uuid, or an administrator. @throws forbidden */
export const demandSelfOrAdmin = async (ctx: IdentityRequest, uuid: string): Promise<void> => {
  if (!isSelf(ctx, uuid)) await demandAdmin(ctx);
};
/**
 * For the administration of users. While it is switched off, its paths are answered as unknown ones. A restricted
 * credential may read but not change: a user that it made or promoted would have more rights and a longer life.
 * @throws invalid path.unknown; forbidden, also credential.restricted
 */
export const demandUserAdministration = async (
  ctx: IdentityRequest,
  { change }: { change: boolean },
): Promise<void> => {
  if (!ctx.settings.userAdmin) throw bad('path.unknown');
  await demandAdmin(ctx);
  if (change) demandUnrestricted(userOf(ctx));
};
/**
 * Whether the user may have a token of the domain or of the system: a superuser, but not by an application credential,
 * which is bound to its project.
 */
export const mayScopeToAll = (t: UserToken): boolean => t.user.isSuperuser && t.credential === null;
/** @throws forbidden scope.missing for an unscoped token, which has no catalog */
export const demandScope = (t: UserToken): void => {
  if (t.scope === 'none') throw forbidden('scope.missing');
};
