import { forbidden } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { callerOf } from '../../access/domain/caller.js';

/** What decides the rank of a user: end user, staff, superuser. */
interface Ranked {
  id: number;
  isStaff: boolean;
  isSuperuser: boolean;
}
/** What staff may change of themselves: nothing that gives or takes a right. */
const HARMLESS = new Set(['firstName', 'lastName']);

/**
 * A change of a user outlives the credential, so a credential that may create no others changes no user.
 * @throws Fault forbidden
 */
export const demandUnrestricted = (ctx: ComputeCtx): void => {
  if (callerOf(ctx).restricted) throw forbidden();
};
/**
 * Superusers act on everybody, staff on end users: nobody acts on a user of the own rank or above.
 * @throws Fault forbidden
 */
export const demandAbove = (ctx: ComputeCtx, user: Ranked): void => {
  if (!callerOf(ctx).superuser && (user.isStaff || user.isSuperuser)) throw forbidden();
};
/** As `demandAbove`; everybody also manages the own tokens. @throws Fault forbidden */
export const demandAboveOrSelf = (ctx: ComputeCtx, user: Ranked): void => {
  if (user.id !== callerOf(ctx).userId) demandAbove(ctx, user);
};
/** As `demandUnrestricted` and `demandAbove`; everybody may change the own name. @throws Fault forbidden */
export const demandMayChange = (ctx: ComputeCtx, user: Ranked, changes: object): void => {
  demandUnrestricted(ctx);
  const fields = Object.entries(changes).filter(([, value]) => value !== undefined);
  if (user.id !== callerOf(ctx).userId || fields.some(([field]) => !HARMLESS.has(field))) demandAbove(ctx, user);
};
/** Staff are created by superusers. @throws Fault forbidden */
export const demandMayCreate = (ctx: ComputeCtx, { isStaff }: { isStaff?: boolean }): void => {
  if (isStaff && !callerOf(ctx).superuser) throw forbidden();
};
