import { notFound, type Tx } from '@nefos/service-kit';
import type { ComputeRequest } from '../../ctx.js';
import { dbOf } from '../../access/domain/claim.js';
import { UUID } from '../../lists/uuid.js';
import { invalidValue } from '../../refusals.js';

// What every change of the catalog has in common.

/** @throws Fault not_found */
export const demandFound = <T>(row: T | undefined): T => {
  if (row === undefined) throw notFound();
  return row;
};
/** @throws Fault not_found for what is no id at all */
export const demandUuid = (id: string): string => {
  if (!UUID.test(id)) throw notFound();
  return id;
};
/**
 * What is given of a thing for good can be sent again, but not as something else.
 * @throws Fault invalid/catalog.fixed
 */
export const demandSame = (field: string, given: string | null | undefined, kept: string | null): void => {
  if (given !== undefined && given !== kept) throw invalidValue([field], 'catalog.fixed');
};
/** Deletes in one transaction. @throws Fault not_found; and those of `remove` */
export const removeOne = (ctx: ComputeRequest, remove: (tx: Tx) => Promise<boolean>): Promise<void> =>
  dbOf(ctx).transaction(async (tx) => {
    if (!(await remove(tx))) throw notFound();
  });
