import { forbidden } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { callerOf } from '../../access/domain/caller.js';

interface Person {
  id: number;
  is_staff: boolean;
  is_superuser: boolean;
}
/** What staff may change of themselves: nothing that gives or takes a right. */
const HARMLESS = new Set(['first_name', 'last_name']);

/** What is changed of a person outlives the credential, so one that may make no others changes nothing. @throws Fault forbidden */
export const demandUnrestricted = (ctx: ComputeCtx): void => {
  if (callerOf(ctx).restricted) throw forbidden();
};
/** Superusers act on everybody, staff on end users: nobody acts on a person of the own rank or above. @throws Fault forbidden */
export const demandAbove = (ctx: ComputeCtx, person: Person): void => {
  if (!callerOf(ctx).superuser && (person.is_staff || person.is_superuser)) throw forbidden();
};
/** As `demandAbove`; everybody also rules over the own tokens. @throws Fault forbidden */
export const demandAboveOrSelf = (ctx: ComputeCtx, person: Person): void => {
  if (person.id !== callerOf(ctx).userId) demandAbove(ctx, person);
};
/** As `demandUnrestricted` and `demandAbove`; everybody may change the own name. @throws Fault forbidden */
export const demandMayChange = (ctx: ComputeCtx, person: Person, changes: object): void => {
  demandUnrestricted(ctx);
  const fields = Object.entries(changes).filter(([, value]) => value !== undefined);
  if (person.id !== callerOf(ctx).userId || fields.some(([field]) => !HARMLESS.has(field))) demandAbove(ctx, person);
};
/** Staff are made by superusers. @throws Fault forbidden */
export const demandMayMake = (ctx: ComputeCtx, { is_staff }: { is_staff?: boolean }): void => {
  if (is_staff && !callerOf(ctx).superuser) throw forbidden();
};
