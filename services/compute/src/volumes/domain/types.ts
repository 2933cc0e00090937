import { randomUUID } from 'node:crypto';
import { invalid, notFound } from '@nefos/service-kit';
import { callerOf } from '../../access/domain/caller.js';
import { dbOf } from '../../access/domain/claim.js';
import { findRegion } from '../../catalog/domain/parts.js';
import type { ComputeRequest } from '../../ctx.js';
import type { Page } from '../../lists/list-plan.js';
import type { Query } from '../../lists/list-query.js';
import { UUID } from '../../lists/uuid.js';
import { unknownKey } from '../../refusals.js';
import { withoutUndefined } from '../../without-undefined.js';
import * as store from '../store/types.js';
import type { VolumeType } from '../store/types.js';

export type { VolumeType } from '../store/types.js';

/** End users see the public ones. */
export const listTypes = (ctx: ComputeRequest, query: Query): Promise<Page<VolumeType>> =>
  store.listTypes(dbOf(ctx), query, { all: callerOf(ctx).staff });
/** @throws Fault not_found */
export const getType = async (ctx: ComputeRequest, id: string): Promise<VolumeType> => {
  const found = UUID.test(id)
    ? (await store.listTypes(dbOf(ctx), {}, { all: callerOf(ctx).staff, id })).rows[0]
    : undefined;
  if (!found) throw notFound();
  return found;
};
export interface TypeInput {
  region: string;
  name: string;
  description: string;
  isPublic: boolean;
  backendName: string | null;
}
/** @throws Fault invalid */
export const createType = async (ctx: ComputeRequest, { region, ...rest }: TypeInput): Promise<VolumeType> => {
  const id = randomUUID();
  await dbOf(ctx).transaction(async (tx) => {
    if (!(await findRegion(tx, region))) throw invalid([unknownKey(['region'], region)]);
    await store.insertType(tx, { ...rest, id, regionId: region });
  });
  return getType(ctx, id);
};
/** @throws Fault not_found, invalid */
export const changeType = async (
  ctx: ComputeRequest,
  id: string,
  changes: { [K in keyof Omit<TypeInput, 'region'>]?: TypeInput[K] | undefined },
): Promise<VolumeType> => {
  if (!UUID.test(id)) throw notFound();
  await dbOf(ctx).transaction(async (tx) => {
    if (!(await store.updateType(tx, id, withoutUndefined(changes)))) throw notFound();
  });
  return getType(ctx, id);
};
/** @throws Fault not_found, conflict/catalog.in_use */
export const removeType = async (ctx: ComputeRequest, id: string): Promise<void> => {
  if (!UUID.test(id)) throw notFound();
  await dbOf(ctx).transaction(async (tx) => {
    if (!(await store.deleteType(tx, id))) throw notFound();
  });
};
