import { randomUUID } from 'node:crypto';
import { invalid, notFound, violates, type Tx } from '@nefos/service-kit';
import { dbOf } from '../../access/domain/claim.js';
import { findNetworks, findSubnet } from '../../catalog/domain/parts.js';
import type { ComputeRequest } from '../../ctx.js';
import type { Page } from '../../lists/list-plan.js';
import type { Query } from '../../lists/list-query.js';
import { reserveQuota } from '../../projects/domain/reserve-quota.js';
import { invalidValue, refusal, unknownKey } from '../../refusals.js';
import * as store from '../store/routers.js';
import type { Router, ShownRouter } from '../store/routers.js';
import { shareLockSubnet } from '../store/subnets.js';
import { demandKind } from './capabilities.js';
import { usableNetwork } from './networks-of.js';
import { demandFree, demandId, demandOwn, demandRegion, projectFor, scopeOf, type For } from './owned.js';
import { touch, touchGone } from './touch.js';

export type { ShownRouter } from '../store/routers.js';
const MAX_INTERFACES = 100;

export const listRouters = (ctx: ComputeRequest, query: Query, acting?: string): Promise<Page<ShownRouter>> =>
  store.listRouters(dbOf(ctx), query, { clientIds: scopeOf(ctx, query, acting) });
/** @throws Fault not_found */
export const getRouter = async (ctx: ComputeRequest, id: string): Promise<ShownRouter> =>
  demandOwn(ctx, await store.findRouter(dbOf(ctx), demandId(id)));

/** An external network of the region. @throws Fault invalid */
const demandExternal = async (
  tx: Tx,
  id: string | null,
  { projectId, regionId }: { projectId: string; regionId: string },
): Promise<void> => {
  if (id === null) return;
  const path = ['external_gateway_info', 'network_id'];
  const network = await usableNetwork(tx, id, { projectId, path, outside: true });
  if (network.regionId !== regionId) throw invalidValue(path, 'router.region');
  if (!network.routerExternal) throw invalidValue(path, 'floating.not_external');
};
export interface RouterInput {
  region: string;
  name: string;
  /** Null: it leads nowhere. */
  external: string | null;
}
export interface RouterChanges {
  name?: string | undefined;
  external?: string | null | undefined;
}
/**
 * @throws Fault invalid, not_found, forbidden/client.suspended, forbidden/create.quota, conflict/action.unsupported
 */
export const createRouter = async (
  ctx: ComputeRequest,
  { region: regionId, name, external }: RouterInput,
  whose: For,
): Promise<ShownRouter> => {
  const id = randomUUID();
  await dbOf(ctx).transaction(async (tx) => {
    const { projectId } = await projectFor(ctx, tx, whose);
    await demandRegion(ctx, tx, regionId);
    demandKind(ctx, regionId, 'router');
    await demandExternal(tx, external, { projectId, regionId });
    await reserveQuota(tx, projectId, { router: 1 });
    await store.insertRouter(tx, { id, projectId, regionId, name, externalNetworkId: external });
    await touch(ctx, tx, 'router', { id, regionId }, 'created');
  });
  return getRouter(ctx, id);
};
const lockOwn = async (ctx: ComputeRequest, tx: Tx, id: string, { change }: { change: boolean }): Promise<Router> => {
  const { clientId } = demandOwn(ctx, await store.findRouter(tx, demandId(id)));
  if (change) await demandFree(ctx, tx, clientId);
  const router = await store.lockRouter(tx, id);
  if (!router) throw notFound();
  return router;
};
/** @throws Fault not_found, invalid, forbidden/client.suspended */
export const changeRouter = async (
  ctx: ComputeRequest,
  id: string,
  { name, external }: RouterChanges,
): Promise<ShownRouter> => {
  await dbOf(ctx).transaction(async (tx) => {
    const router = await lockOwn(ctx, tx, id, { change: true });
    if (external !== undefined) await demandExternal(tx, external, router);
    const changes = {
      ...(name !== undefined && { name }),
      ...(external !== undefined && { externalNetworkId: external }),
    };
    if (Object.keys(changes).length) await store.updateRouter(tx, id, changes);
    await touch(ctx, tx, 'router', router);
  });
  return getRouter(ctx, id);
};
/** @throws Fault not_found, conflict/router.in_use */
export const removeRouter = async (ctx: ComputeRequest, id: string): Promise<void> =>
  dbOf(ctx).transaction(async (tx) => {
    const router = await lockOwn(ctx, tx, id, { change: false });
    if (await store.countInterfaces(tx, id)) throw refusal('conflict', 'router.in_use');
    await touchGone(tx, 'router', router);
    await store.deleteRouter(tx, id);
  });
/** Connects a subnet, in the caller's transaction. @throws Fault conflict/router.connected */
export const connect = async (
  ctx: ComputeRequest,
  tx: Tx,
  router: Pick<Router, 'id' | 'regionId'>,
  subnetId: string,
): Promise<void> => {
  await store.insertInterface(tx, { subnetId, routerId: router.id }).catch((err: unknown) => {
    throw violates(err, 'router_interface_pkey') ? refusal('conflict', 'router.connected') : err;
  });
  await touch(ctx, tx, 'router', router);
};
/**
 * Connects a subnet of a network of the router's project; repeated it changes nothing.
 * @throws Fault not_found, invalid, forbidden/client.suspended, conflict/router.connected
 */
export const addInterface = async (ctx: ComputeRequest, id: string, subnetId: string): Promise<ShownRouter> => {
  await dbOf(ctx).transaction(async (tx) => {
    const router = await lockOwn(ctx, tx, id, { change: true });
    const seen = await findSubnet(tx, subnetId);
    // Locked, so that the subnet is not deleted while it is being connected.
    const [network] = seen ? await findNetworks(tx, [seen.networkId]) : [];
    const subnet = network && (await shareLockSubnet(tx, subnetId));
    if (!subnet || network.projectId !== router.projectId || network.regionId !== router.regionId)
      throw invalid([unknownKey(['subnet'], subnetId)]);
    if (subnet.gatewayIp === null) throw invalidValue(['subnet'], 'router.no_gateway');
    const owner = await store.findRouterOf(tx, subnetId);
    if (owner === id) return;
    if (owner !== undefined || (await store.countInterfaces(tx, id)) >= MAX_INTERFACES)
      throw refusal('conflict', 'router.connected');
    await connect(ctx, tx, router, subnetId);
  });
  return getRouter(ctx, id);
};
/** @throws Fault not_found, invalid, forbidden/client.suspended */
export const removeInterface = async (ctx: ComputeRequest, id: string, subnetId: string): Promise<ShownRouter> => {
  await dbOf(ctx).transaction(async (tx) => {
    const router = await lockOwn(ctx, tx, id, { change: true });
    if (!(await store.deleteInterface(tx, { subnetId, routerId: id })))
      throw invalidValue(['subnet'], 'router.not_connected');
    await touch(ctx, tx, 'router', router);
  });
  return getRouter(ctx, id);
};
