import type { IdentityRequest } from '../../ctx.js';
import { forbidden } from '../../access/domain/errors.js';
import { isAdmin } from '../../access/domain/roles.js';
import { callerOf, userOf } from '../../access/domain/caller.js';
import { DOMAIN } from './v3-token.view.js';

/** Who asks on v3, where a component is a caller as well. */
export const byComponent = (ctx: IdentityRequest): boolean => callerOf(ctx).record.component !== null;
export const byAdmin = async (ctx: IdentityRequest): Promise<boolean> =>
  isAdmin(ctx, await ctx.directory.get(), callerOf(ctx).record);
/** @throws forbidden */
export const demandAdmin = async (ctx: IdentityRequest): Promise<void> => {
  if (!(await byAdmin(ctx))) throw forbidden();
};
export const isSelf = (ctx: IdentityRequest, uuid: string): boolean =>
  !byComponent(ctx) && userOf(ctx).user.uuid === uuid;
/** The user of this uuid, or an administrator. @throws forbidden */
export const demandSelfOrAdmin = async (ctx: IdentityRequest, uuid: string): Promise<void> => {
  if (!isSelf(ctx, uuid)) await demandAdmin(ctx);
};
/** Whether a filter names a domain that is not ours. */
export const elsewhere = (domain: string | undefined): boolean => domain !== undefined && domain !== DOMAIN.id;
