import { randomUUID } from 'node:crypto';
import { notFound, type Tx } from '@nefos/service-kit';
import { callerOf, maySee } from '../../access/domain/caller.js';
import { dbOf } from '../../access/domain/claim.js';
import {
  changeNetwork,
  changeSubnet,
  createSubnet,
  findNetwork,
  getNetwork,
  insertNetwork,
  insertSubnet,
  removeNetwork,
  removeSubnet,
  type Network,
  type NetworkChange,
  type NetworkHooks,
  type NetworkWithSubnets,
} from '../../catalog/domain/parts.js';
import { firstAddress } from '../../catalog/address-plan.js';
import type { ComputeRequest } from '../../ctx.js';
import { reserveQuota } from '../../projects/domain/reserve-quota.js';
import { refusal } from '../../refusals.js';
import { findAutoNetwork, findExternal, findProjectClient, lockProjectRow } from '../store/own-networks.js';
import { recordThing } from '../store/recorded.js';
import { insertRouter } from '../store/routers.js';
import { can, demandKind } from './capabilities.js';
import { demandFree, demandRegion, inField, projectFor, type For } from './owned.js';
import { connect } from './routers.js';
import { leadsOutside } from './networks-of.js';
import { touch, touchGone } from './touch.js';

// Networks that clients make for their projects. Those of the provider are the staff's alone.

/** Readers of events hear of every change; what staff change of a client's network goes to the driver, too. */
export const hooksOf = (ctx: ComputeRequest): NetworkHooks => ({
  changed: async (tx, change) => tell(ctx, tx, change),
  ...(!callerOf(ctx).staff && { may: async (tx: Tx, network: Network) => demandOwnNetwork(ctx, tx, network) }),
});
const tell = async (
  ctx: ComputeRequest,
  tx: Tx,
  { kind, managed, happened, id, regionId, backendId }: NetworkChange,
): Promise<void> => {
  if (!managed) await recordThing(tx, kind, id, happened);
  else if (happened === 'deleted') await touchGone(tx, kind, { id, backendId });
  else await touch(ctx, tx, kind, { id, regionId }, happened);
};
/** @throws Fault not_found, forbidden/network.provider, forbidden/client.suspended */
const demandOwnNetwork = async (ctx: ComputeRequest, tx: Tx, network: Network): Promise<void> => {
  const clientId = network.projectId === null ? null : await findProjectClient(tx, network.projectId);
  const own = clientId !== null && maySee(callerOf(ctx), clientId);
  if (!own && !network.shared && !leadsOutside(network)) throw notFound();
  if (!own || !network.managed) throw refusal('forbidden', 'network.provider');
};
const demandFreeOf = async (ctx: ComputeRequest, tx: Tx, networkId: string): Promise<void> => {
  const network = await findNetwork(tx, networkId);
  if (network?.projectId) await demandFree(ctx, tx, await findProjectClient(tx, network.projectId));
};
/** The hooks of a change, which a suspended client may not make. */
const changing = (ctx: ComputeRequest): NetworkHooks => {
  const { may, changed } = hooksOf(ctx);
  return {
    ...(changed && { changed }),
    may: async (tx, network) => {
      await may?.(tx, network);
      await demandFreeOf(ctx, tx, network.id);
    },
  };
};

export interface OwnNetworkInput {
  region: string;
  name: string;
  adminStateUp: boolean;
  mtu: number;
}
/**
 * @throws Fault invalid, not_found, forbidden/client.suspended, forbidden/create.quota, conflict/action.unsupported
 */
export const createOwnNetwork = async (
  ctx: ComputeRequest,
  { region: regionId, ...own }: OwnNetworkInput,
  whose: For,
): Promise<NetworkWithSubnets> => {
  const id = randomUUID();
  await dbOf(ctx).transaction(async (tx) => {
    const { projectId } = await projectFor(ctx, tx, whose);
    await demandRegion(ctx, tx, regionId);
    demandKind(ctx, regionId, 'network');
    await reserveQuota(tx, projectId, { network: 1 });
    await insertOwn(ctx, tx, { ...own, id, projectId, regionId });
  });
  return getNetwork(ctx, id);
};
const insertOwn = async (
  ctx: ComputeRequest,
  tx: Tx,
  network: Pick<Network, 'id' | 'projectId' | 'regionId' | 'name'> & Partial<Network>,
): Promise<void> => {
  await insertNetwork(tx, { ...network, managed: true, status: 'BUILD' });
  await touch(ctx, tx, 'network', network, 'created');
};
export const changeOwnNetwork = (
  ctx: ComputeRequest,
  id: string,
  changes: { name?: string | undefined; adminStateUp?: boolean | undefined; mtu?: number | undefined },
): Promise<NetworkWithSubnets> => changeNetwork(ctx, id, changes, changing(ctx));
export const removeOwnNetwork = (ctx: ComputeRequest, id: string): Promise<void> =>
  removeNetwork(ctx, id, hooksOf(ctx));

type SubnetInput = Parameters<typeof createSubnet>[1];
/** @throws Fault as `createSubnet`; forbidden/network.provider, forbidden/create.quota */
export const createOwnSubnet = (ctx: ComputeRequest, input: SubnetInput) => {
  const { may, changed } = changing(ctx);
  // A network of another client is refused as one that is not there.
  return inField(['network_id'], input.networkId, () =>
    createSubnet(ctx, input, {
      ...(changed && { changed }),
      may: async (tx, network) => {
        await may?.(tx, network);
        if (network.projectId !== null) await reserveQuota(tx, network.projectId, { subnet: 1 });
      },
    }),
  );
};
export const changeOwnSubnet = (ctx: ComputeRequest, id: string, changes: Parameters<typeof changeSubnet>[2]) =>
  changeSubnet(ctx, id, changes, changing(ctx));
export const removeOwnSubnet = (ctx: ComputeRequest, id: string): Promise<void> => removeSubnet(ctx, id, hooksOf(ctx));

/** Of the networks that are made by themselves; each is on its own. */
const AUTO_CIDR = '10.0.0.0/24';
/**
 * The network of a project in a region: made with a subnet and, where the driver can, a router to the region's external
 * network. Once: repeated, also at the same time, it is the same.
 * @throws Fault invalid, not_found, forbidden/client.suspended, forbidden/create.quota, conflict/action.unsupported
 */
export const autoCreate = async (ctx: ComputeRequest, regionId: string, whose: For): Promise<NetworkWithSubnets> => {
  const id = await dbOf(ctx).transaction(async (tx) => {
    const { projectId } = await projectFor(ctx, tx, whose);
    await demandRegion(ctx, tx, regionId);
    demandKind(ctx, regionId, 'network');
    demandKind(ctx, regionId, 'subnet');
    // Locked, so that of two at once the second finds what the first has made.
    await lockProjectRow(tx, projectId);
    const found = await findAutoNetwork(tx, projectId, regionId);
    if (found !== undefined) return found;
    const routed = can(ctx, regionId, 'router');
    await reserveQuota(tx, projectId, { network: 1, subnet: 1, router: routed ? 1 : 0 });
    const networkId = randomUUID();
    const subnetId = randomUUID();
    const name = `auto-${networkId.slice(0, 8)}`;
    await insertOwn(ctx, tx, { id: networkId, projectId, regionId, name, autoCreated: true });
    const gatewayIp = firstAddress(AUTO_CIDR) ?? null;
    await insertSubnet(tx, { id: subnetId, networkId, name, cidr: AUTO_CIDR, gatewayIp });
    await touch(ctx, tx, 'subnet', { id: subnetId, regionId }, 'created');
    if (!routed) return networkId;
    const router = {
      id: randomUUID(),
      projectId,
      regionId,
      name,
      externalNetworkId: (await findExternal(tx, projectId, regionId)) ?? null,
    };
    await insertRouter(tx, router);
    await recordThing(tx, 'router', router.id, 'created');
    await connect(ctx, tx, router, subnetId);
    return networkId;
  });
  return getNetwork(ctx, id);
};
