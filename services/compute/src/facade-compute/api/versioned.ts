import type { ComputeRequest } from '../../ctx.js';
import { since } from '../../facade/api/microversion.js';
import type { FaceQuery } from '../../facade/api/query.js';
import { faceFault } from '../../facade/api/refused.js';

/** A call that older microversions do not have is not there. @throws Fault not_found */
export const demandSince = (ctx: ComputeRequest, minor: number): void => {
  if (!since(ctx, minor)) throw faceFault('not_found', 'The resource could not be found.');
};
/**
 * A field that the asked microversion does not know yet is refused as any other unknown one.
 * @param fields the microversion from which each is known
 * @throws Fault invalid
 */
export const refuseNewer = (ctx: ComputeRequest, body: object, fields: Readonly<Record<string, number>>): void => {
  for (const [name, minor] of Object.entries(fields))
    if (Object.hasOwn(body, name) && !since(ctx, minor))
      throw faceFault('invalid', `Additional properties are not allowed ('${name}' was unexpected)`);
};
/** Unknown names in a query are an error from 2.75 on (contract compute §12.2). @throws Fault invalid */
export const demandKnownQuery = (ctx: ComputeRequest, query: FaceQuery, known: readonly string[]): void => {
  if (!since(ctx, 75)) return;
  const unknown = Object.keys(query).find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw faceFault('invalid', `Additional properties are not allowed ('${unknown.slice(0, 100)}' was unexpected)`);
};
