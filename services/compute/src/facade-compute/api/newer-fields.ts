import type { ComputeRequest } from '../../ctx.js';
import { since } from '../../facade/api/microversion.js';
import type { FaceQuery } from '../../facade/api/query.js';
import { faceFault } from '../../facade/api/refused.js';

const refuse = (name: string): never => {
  throw faceFault(
    'invalid',
    `Invalid input for field/attribute server. Additional properties are not allowed ('${name}' was unexpected)`,
  );
};
/**
 * Refuses fields that came with a later microversion than the one asked for, and those that are gone by then.
 * @param fields minor version by name; a negative one: the field is gone from there on
 * @throws Fault invalid
 */
export const demandFieldsOf = (ctx: ComputeRequest, body: object, fields: Readonly<Record<string, number>>): void => {
  for (const [name, minor] of Object.entries(fields)) {
    if (!Object.hasOwn(body, name)) continue;
    if (minor < 0 ? since(ctx, -minor) : !since(ctx, minor)) refuse(name);
  }
};
/**
 * Unknown names in a query are refused from 2.75 on (contract compute §12.2).
 * @param from the minor version, of lists that were as strict before
 * @throws Fault invalid
 */
export const demandKnownQuery = (ctx: ComputeRequest, query: FaceQuery, known: readonly string[], from = 75): void => {
  const unknown = since(ctx, from) ? Object.keys(query).find((name) => !known.includes(name)) : undefined;
  if (unknown !== undefined)
    throw faceFault('invalid', `Additional properties are not allowed ('${unknown.slice(0, 100)}' was unexpected)`);
};
