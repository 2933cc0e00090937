import { compute } from '@nefos/contracts';
import { Fault, notFound } from '@nefos/service-kit';
import { dbOf } from '../../access/domain/claim.js';
import {
  changeFlavor,
  createFlavor,
  removeFlavor,
  type FlavorChanges,
  type FlavorInput,
} from '../../catalog/domain/flavors.js';
import type { ComputeRequest } from '../../ctx.js';
import { inOne } from '../../facade/domain/in-one.js';
import { regionOfZone } from '../../facade/domain/regions.js';
import { clientsInView, demandAdmin, scopeOf } from '../../facade/domain/scope.js';
import type { KeysetPage, KeysetRequest } from '../../lists/keyset.js';
import { UUID } from '../../lists/uuid.js';
import * as store from '../store/flavors.js';

export { flavorSortKey, type FlavorRow } from '../store/flavors.js';
export type Specs = Record<string, string>;
type Properties = compute.Properties;
const { LARGEST_FLAVOR, LONGEST_PROPERTIES, MOST_PROPERTIES } = compute;

/** Administrators see every flavor, others those that their project may use. */
const viewOf = (ctx: ComputeRequest) => clientsInView(ctx, scopeOf(ctx).admin);
export const listFlavors = (
  ctx: ComputeRequest,
  request: KeysetRequest,
): Promise<KeysetPage<store.FlavorRow> | 'no_marker'> => store.pageOfFlavors(dbOf(ctx), request, viewOf(ctx));
/** @throws Fault not_found */
export const getFlavor = async (ctx: ComputeRequest, id: string): Promise<store.FlavorRow> => {
  const found = UUID.test(id) ? await store.findFlavor(dbOf(ctx), id, viewOf(ctx)) : undefined;
  if (!found) throw notFound();
  return found;
};
/** In the first enabled region. @throws Fault forbidden, invalid, conflict: the name is taken */
export const makeFlavor = async (
  ctx: ComputeRequest,
  input: Pick<
    FlavorInput,
    'name' | 'description' | 'vcpus' | 'memoryMb' | 'rootGb' | 'ephemeralGb' | 'swapMb' | 'isPublic'
  >,
): Promise<store.FlavorRow> => {
  demandAdmin(ctx);
  const region = await regionOfZone(ctx, null);
  try {
    const { flavorId } = await createFlavor(ctx, {
      ...input,
      region,
      flavorGroup: null,
      projectIds: [],
      properties: {},
      disabled: false,
      outOfStock: false,
      stockLimit: null,
    });
    return await getFlavor(ctx, flavorId);
  } catch (err) {
    if (err instanceof Fault && err.params.issues?.some(({ path }) => path[0] === 'name'))
      throw new Fault('conflict', 'facade.refused', { message: `Flavor with name ${input.name} already exists.` });
    throw err;
  }
};
/** @throws Fault forbidden, not_found, conflict: instances use it */
export const dropFlavor = async (ctx: ComputeRequest, id: string): Promise<void> => {
  demandAdmin(ctx);
  await removeFlavor(ctx, id);
};
/** @throws Fault forbidden, not_found */
export const describeFlavor = async (ctx: ComputeRequest, id: string, description: string | null): Promise<void> => {
  demandAdmin(ctx);
  await changeFlavor(ctx, id, { description });
};
/** What is changed by reading it first is locked in between. */
const change = (ctx: ComputeRequest, id: string, how: (before: store.LockedFlavor) => FlavorChanges): Promise<void> => {
  demandAdmin(ctx);
  return inOne(ctx, async (joint) => {
    await dbOf(joint).transaction(async (tx) => {
      const found = UUID.test(id) ? await store.lockSpecs(tx, id) : undefined;
      if (!found) throw notFound();
      await changeFlavor(joint, id, how(found));
    });
  });
};
/** All of them together are as few and short as the portal takes them. @throws Fault forbidden, not_found, invalid */
export const changeSpecs = (ctx: ComputeRequest, id: string, how: (before: Properties) => Properties): Promise<void> =>
  change(ctx, id, (before) => {
    const properties = how(before.properties);
    if (Object.keys(properties).length > MOST_PROPERTIES || JSON.stringify(properties).length > LONGEST_PROPERTIES)
      throw new Fault('invalid', 'facade.refused', {
        message: `A flavor has at most ${MOST_PROPERTIES} extra specs, of ${LONGEST_PROPERTIES} characters together.`,
      });
    return { properties };
  });
/** @throws Fault forbidden, not_found, invalid */
export const changeAccess = (
  ctx: ComputeRequest,
  id: string,
  how: (before: store.LockedFlavor) => string[],
): Promise<void> =>
  change(ctx, id, (before) => {
    const projectIds = how(before);
    if (projectIds.length > LARGEST_FLAVOR.projects)
      throw new Fault('invalid', 'facade.refused', {
        message: `A flavor is for at most ${LARGEST_FLAVOR.projects} projects, or public.`,
      });
    return { projectIds };
  });
/** @throws Fault forbidden, not_found */
export const projectsOfFlavor = async (ctx: ComputeRequest, id: string): Promise<store.LockedFlavor> => {
  demandAdmin(ctx);
  const found = UUID.test(id) ? await dbOf(ctx).transaction((tx) => store.lockSpecs(tx, id)) : undefined;
  if (!found) throw notFound();
  return found;
};
