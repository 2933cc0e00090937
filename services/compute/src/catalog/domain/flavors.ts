import { randomUUID } from 'node:crypto';
import { invalid, type Issue, type Tx } from '@nefos/service-kit';
import type { ComputeRequest } from '../../ctx.js';
import { dbOf } from '../../access/domain/claim.js';
import { refusal, unknownKey } from '../../refusals.js';
import { withoutUndefined } from '../../without-undefined.js';
import * as store from '../store/flavors.js';
import type { Flavor, FlavorWithStock } from '../store/flavors.js';
import { shareLockGroup } from '../store/flavor-groups.js';
import { findProjectIds } from '../store/networks.js';
import { shareLockRegion } from '../store/regions.js';
import { getFlavor } from './catalog.js';
import { demandFound, demandSame, demandUuid, removeOne } from './writes.js';

type Own = Omit<Flavor, 'hasRoom' | 'resellerResourcesId' | 'id' | 'regionId' | 'flavorGroupId' | 'backendId'>;
/** A flavor as staff write it. */
export interface FlavorInput extends Own {
  region: string;
  /** Its id; null: none. */
  flavorGroup: number | null;
  /** Projects that may use it while it is not public. */
  projectIds: readonly string[];
}
export type FlavorChanges = { [K in keyof FlavorInput]?: FlavorInput[K] | undefined };

const SIZES = ['vcpus', 'memoryMb', 'rootGb', 'ephemeralGb', 'swapMb'] as const;

/** @throws Fault invalid: group, projects or region that do not exist, all of them named */
const demandReferences = async (tx: Tx, { region, flavorGroup, projectIds = [] }: FlavorChanges): Promise<void> => {
  const issues: Issue[] = [];
  if (region !== undefined && !(await shareLockRegion(tx, region))) issues.push(unknownKey(['region'], region));
  if (typeof flavorGroup === 'number' && !(await shareLockGroup(tx, flavorGroup)))
    issues.push(unknownKey(['flavor_group'], flavorGroup));
  const known = new Set(await findProjectIds(tx, projectIds));
  projectIds.forEach((id, i) => {
    if (!known.has(id)) issues.push(unknownKey(['project_ids', i], id));
  });
  if (issues.length) throw invalid(issues);
};
/** An empty description is none: the name stands for it. */
const described = <T extends { description?: string | null | undefined }>(one: T): T =>
  one.description === '' ? { ...one, description: null } : one;

/** @throws Fault invalid: what it names does not exist, or its name is taken in the region */
export const createFlavor = async (ctx: ComputeRequest, input: FlavorInput): Promise<FlavorWithStock> => {
  const id = randomUUID();
  const { region, flavorGroup, projectIds, ...own } = described(input);
  await dbOf(ctx).transaction(async (tx) => {
    await demandReferences(tx, input);
    await store.insertFlavor(tx, { ...own, id, regionId: region, flavorGroupId: flavorGroup });
    await store.grantFlavor(tx, id, projectIds);
  });
  return getFlavor(ctx, id);
};
/**
 * Changes what is given. Instances show, count and are metered by the size of their flavor, so that it stays as it is
 * while there are any.
 * @throws Fault not_found, invalid, conflict/flavor.size_fixed
 */
export const changeFlavor = async (ctx: ComputeRequest, id: string, input: FlavorChanges): Promise<FlavorWithStock> => {
  const { region, flavorGroup, projectIds, ...own } = described(withoutUndefined(input));
  await dbOf(ctx).transaction(async (tx) => {
    const kept = demandFound(await store.lockWholeFlavor(tx, demandUuid(id)));
    demandSame('region', region, kept.regionId);
    await demandReferences(tx, { flavorGroup, projectIds });
    const isResized = SIZES.some((size) => own[size] !== undefined && own[size] !== kept[size]);
    if (isResized && (await store.isFlavorUsed(tx, id))) throw refusal('conflict', 'flavor.size_fixed');
    await store.updateFlavor(tx, id, withoutUndefined({ ...own, flavorGroupId: flavorGroup }));
    if (projectIds) await store.grantFlavor(tx, id, projectIds);
  });
  return getFlavor(ctx, id);
};
/** @throws Fault not_found, conflict/catalog.in_use */
export const removeFlavor = (ctx: ComputeRequest, id: string): Promise<void> =>
  removeOne(ctx, (tx) => store.deleteFlavor(tx, demandUuid(id)));
