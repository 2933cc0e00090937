import { compute } from '@nefos/contracts';
import { endpointFor, type Endpoint } from '@nefos/service-kit';
import { viewerOf } from '../../access/api/viewer.js';
import { camelKeys } from '../../camel-keys.js';
import type { ComputeCtx } from '../../ctx.js';
import { changeFlavorGroup, createFlavorGroup, removeFlavorGroup } from '../domain/flavor-groups.js';
import { changeFlavor, createFlavor, removeFlavor } from '../domain/flavors.js';
import { changeRegion, createRegion, removeRegion } from '../domain/regions.js';
import { flavorDetailView, flavorGroupView, regionView } from './catalog.view.js';
import { flavorForm } from './forms.js';

const endpoint = endpointFor<ComputeCtx>();
const { regions, flavors, flavorGroups } = compute.staffCatalog;

/** What staff write of the catalog, but networks; end users have no paths for it. */
export const catalogWriteEndpoints: Endpoint<ComputeCtx>[] = [
  endpoint(regions.create, async (ctx, { body }) =>
    regionView(await createRegion(ctx, camelKeys(body)), viewerOf(ctx)),
  ),
  endpoint(regions.patch, async (ctx, { params, body }) =>
    regionView(await changeRegion(ctx, params.id, camelKeys(body)), viewerOf(ctx)),
  ),
  endpoint(regions.remove, (ctx, { params }) => removeRegion(ctx, params.id)),

  endpoint(flavors.create, async (ctx, { body }) =>
    flavorDetailView(await createFlavor(ctx, flavorForm(body)), viewerOf(ctx)),
  ),
  endpoint(flavors.patch, async (ctx, { params, body }) =>
    flavorDetailView(await changeFlavor(ctx, params.id, flavorForm(body)), viewerOf(ctx)),
  ),
  endpoint(flavors.remove, (ctx, { params }) => removeFlavor(ctx, params.id)),

  endpoint(flavorGroups.create, async (ctx, { body }) =>
    flavorGroupView(await createFlavorGroup(ctx, camelKeys(body))),
  ),
  endpoint(flavorGroups.patch, async (ctx, { params, body }) =>
    flavorGroupView(await changeFlavorGroup(ctx, params.id, camelKeys(body))),
  ),
  endpoint(flavorGroups.remove, (ctx, { params }) => removeFlavorGroup(ctx, params.id)),
];
