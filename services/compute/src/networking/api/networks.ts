import { compute } from '@nefos/contracts';
import { endpointFor, type Endpoint } from '@nefos/service-kit';
import { viewerOf } from '../../access/api/viewer.js';
import { camelKeys } from '../../camel-keys.js';
import { networkView, subnetView } from '../../catalog/api/catalog.view.js';
import {
  changeNetwork,
  changeSubnet,
  createNetwork,
  createSubnet,
  removeNetwork,
  removeSubnet,
} from '../../catalog/domain/parts.js';
import type { ComputeCtx } from '../../ctx.js';
import * as own from '../domain/own-networks.js';
import { hooksOf } from '../domain/own-networks.js';
import { whoseOf } from './networking.js';

const endpoint = endpointFor<ComputeCtx>();
const { networks, subnets } = compute.staffCatalog;
const { networks: ownNetworks, subnets: ownSubnets } = compute.userNetworking;

/** What staff write of networks: the provider's own, and those of clients. */
const staff: Endpoint<ComputeCtx>[] = [
  endpoint(networks.create, async (ctx, { body }) =>
    networkView(await createNetwork(ctx, camelKeys(body), hooksOf(ctx)), viewerOf(ctx)),
  ),
  endpoint(networks.patch, async (ctx, { params, body }) =>
    networkView(await changeNetwork(ctx, params.id, camelKeys(body), hooksOf(ctx)), viewerOf(ctx)),
  ),
  endpoint(networks.remove, (ctx, { params }) => removeNetwork(ctx, params.id, hooksOf(ctx))),
  endpoint(subnets.create, async (ctx, { body }) => subnetView(await createSubnet(ctx, camelKeys(body), hooksOf(ctx)))),
  endpoint(subnets.patch, async (ctx, { params, body }) =>
    subnetView(await changeSubnet(ctx, params.id, camelKeys(body), hooksOf(ctx))),
  ),
  endpoint(subnets.remove, (ctx, { params }) => removeSubnet(ctx, params.id, hooksOf(ctx))),
];
/** What end users write of the networks of their projects. */
const enduser: Endpoint<ComputeCtx>[] = [
  endpoint(ownNetworks.create, async (ctx, { req, body }) =>
    networkView(await own.createOwnNetwork(ctx, camelKeys(body), whoseOf(req, {})), viewerOf(ctx)),
  ),
  endpoint(ownNetworks.patch, async (ctx, { params, body }) =>
    networkView(await own.changeOwnNetwork(ctx, params.id, camelKeys(body)), viewerOf(ctx)),
  ),
  endpoint(ownNetworks.remove, (ctx, { params }) => own.removeOwnNetwork(ctx, params.id)),
  endpoint(ownSubnets.create, async (ctx, { body }) => subnetView(await own.createOwnSubnet(ctx, camelKeys(body)))),
  endpoint(ownSubnets.patch, async (ctx, { params, body }) =>
    subnetView(await own.changeOwnSubnet(ctx, params.id, camelKeys(body))),
  ),
  endpoint(ownSubnets.remove, (ctx, { params }) => own.removeOwnSubnet(ctx, params.id)),
];
const auto = (at: typeof compute.staffNetworking.autoCreate | typeof compute.userNetworking.autoCreate) =>
  endpoint(at, async (ctx, { req, body }) =>
    networkView(await own.autoCreate(ctx, body.region, whoseOf(req, body)), viewerOf(ctx)),
  );
export const networkEndpoints: Endpoint<ComputeCtx>[] = [
  auto(compute.staffNetworking.autoCreate),
  auto(compute.userNetworking.autoCreate),
  ...staff,
  ...enduser,
];
