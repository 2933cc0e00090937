import type { ComputeRequest } from '../../ctx.js';
import { since } from '../../facade/api/microversion.js';
import { faceFault } from '../../facade/api/refused.js';

/** This cloud has not what Cinder has there. */
export const refuseAbsent = (what: string): never => {
  throw faceFault('invalid', `Invalid input received: ${what}`);
};
/** What a request names is not there. */
export const absentNow = (what: string, id: string): never => {
  throw faceFault('not_found', `${what} ${id} could not be found.`);
};
/** A path, or an action, that came with a microversion is not there before it. @throws Fault not_found */
export const demandSince = (ctx: ComputeRequest, minor: number): void => {
  if (!since(ctx, minor)) throw faceFault('not_found', 'The resource could not be found.');
};
/** A field that nothing knows. */
export const unexpected = (field: string): Error =>
  faceFault('invalid', `Additional properties are not allowed ('${field.slice(0, 100)}' was unexpected)`);
/**
 * Fields that came later are not known before.
 * @param later the microversion of each
 * @throws Fault invalid
 */
export const demandKnown = (ctx: ComputeRequest, sent: object, later: Readonly<Record<string, number>>): void => {
  for (const [field, minor] of Object.entries(later))
    if (Object.hasOwn(sent, field) && !since(ctx, minor)) throw unexpected(field);
};
