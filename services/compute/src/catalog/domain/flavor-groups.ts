import { notFound } from '@nefos/service-kit';
import type { ComputeRequest } from '../../ctx.js';
import { dbOf } from '../../access/domain/claim.js';
import { withoutUndefined } from '../../without-undefined.js';
import * as store from '../store/flavor-groups.js';
import type { FlavorGroup, GroupChanges } from '../store/flavor-groups.js';
import { getFlavorGroup, isGroupId } from './catalog.js';
import { removeOne } from './writes.js';

type Changes = { [K in keyof GroupChanges]?: GroupChanges[K] | undefined };
const demandId = (id: string): number => {
  if (!isGroupId(id)) throw notFound();
  return Number(id);
};
/** @throws Fault invalid: the name is taken */
export const createFlavorGroup = async (ctx: ComputeRequest, group: Omit<FlavorGroup, 'id'>): Promise<FlavorGroup> => {
  const id = await dbOf(ctx).transaction((tx) => store.insertFlavorGroup(tx, group));
  return getFlavorGroup(ctx, String(id));
};
/** @throws Fault not_found; invalid: the name is taken */
export const changeFlavorGroup = async (ctx: ComputeRequest, id: string, changes: Changes): Promise<FlavorGroup> => {
  const number = demandId(id);
  await dbOf(ctx).transaction(async (tx) => {
    if (!(await store.updateFlavorGroup(tx, number, withoutUndefined(changes)))) throw notFound();
  });
  return getFlavorGroup(ctx, id);
};
/** Its flavors stay, without a group. @throws Fault not_found */
export const removeFlavorGroup = async (ctx: ComputeRequest, id: string): Promise<void> => {
  const number = demandId(id);
  await removeOne(ctx, (tx) => store.deleteFlavorGroup(tx, number));
};
