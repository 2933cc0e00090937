import type { ComputeRequest } from '../../ctx.js';
import { dbOf } from '../../access/domain/claim.js';
import { refusal } from '../../refusals.js';
import { withoutUndefined } from '../../without-undefined.js';
import * as store from '../store/regions.js';
import type { Region } from '../store/regions.js';
import { getRegion } from './catalog.js';
import { demandFound, removeOne } from './writes.js';

type Changes = { [K in keyof store.RegionChanges]?: store.RegionChanges[K] | undefined };

/** @throws Fault invalid: there is one of this name */
export const createRegion = async (ctx: ComputeRequest, region: store.NewRegion): Promise<Region> => {
  await dbOf(ctx).transaction((tx) => store.insertRegion(tx, region));
  return getRegion(ctx, region.id);
};
/**
 * Machines stay where they are: the driver changes only while there are none.
 * @throws Fault not_found, conflict/region.has_instances
 */
export const changeRegion = async (ctx: ComputeRequest, id: string, changes: Changes): Promise<Region> => {
  await getRegion(ctx, id);
  await dbOf(ctx).transaction(async (tx) => {
    const kept = demandFound(await store.lockRegion(tx, id));
    const isMoved = changes.driver !== undefined && changes.driver !== kept.driver;
    if (isMoved && (await store.hasInstances(tx, id)))
      throw refusal('conflict', 'region.has_instances', { driver: kept.driver });
    await store.updateRegion(tx, id, withoutUndefined(changes), { moved: isMoved });
  });
  return getRegion(ctx, id);
};
/** @throws Fault not_found, conflict/catalog.in_use */
export const removeRegion = async (ctx: ComputeRequest, id: string): Promise<void> => {
  await getRegion(ctx, id);
  await removeOne(ctx, (tx) => store.deleteRegion(tx, id));
};
