import { compute } from '@nefos/contracts';
import { endpointFor, type Endpoint } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import * as cloud from '../domain/catalog.js';
import { flavorDetailView, flavorGroupView, networkView, regionView, subnetView } from './catalog.view.js';
import { envelope } from '../../lists/api/envelope.js';
import { viewerOf } from '../../access/api/viewer.js';

const endpoint = endpointFor<ComputeCtx>();
const forRoot = (at: typeof compute.staffCloud | typeof compute.userCloud): Endpoint<ComputeCtx>[] => [
  endpoint(at.regions.list, async (ctx, { req, query }) =>
    envelope(ctx, req, await cloud.listRegions(ctx, query), (row) => regionView(row, viewerOf(ctx))),
  ),
  endpoint(at.regions.get, async (ctx, { params }) => regionView(await cloud.getRegion(ctx, params.id), viewerOf(ctx))),
  endpoint(at.flavors.list, async (ctx, { req, query }) =>
    envelope(ctx, req, await cloud.listFlavors(ctx, query), (row) => flavorDetailView(row, viewerOf(ctx))),
  ),
  endpoint(at.flavors.get, async (ctx, { params }) =>
    flavorDetailView(await cloud.getFlavor(ctx, params.id), viewerOf(ctx)),
  ),
  endpoint(at.flavorGroups.list, async (ctx, { req, query }) =>
    envelope(ctx, req, await cloud.listFlavorGroups(ctx, query), flavorGroupView),
  ),
  endpoint(at.flavorGroups.get, async (ctx, { params }) => flavorGroupView(await cloud.getFlavorGroup(ctx, params.id))),
  endpoint(at.networks.list, async (ctx, { req, query }) =>
    envelope(ctx, req, await cloud.listNetworks(ctx, query), (row) => networkView(row, viewerOf(ctx))),
  ),
  endpoint(at.networks.get, async (ctx, { params }) =>
    networkView(await cloud.getNetwork(ctx, params.id), viewerOf(ctx)),
  ),
  endpoint(at.subnets.list, async (ctx, { req, query }) =>
    envelope(ctx, req, await cloud.listSubnets(ctx, query), subnetView),
  ),
  endpoint(at.subnets.get, async (ctx, { params }) => subnetView(await cloud.getSubnet(ctx, params.id))),
];
export const catalogEndpoints: Endpoint<ComputeCtx>[] = [...forRoot(compute.staffCloud), ...forRoot(compute.userCloud)];
