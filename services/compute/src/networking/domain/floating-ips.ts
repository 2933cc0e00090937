import { randomUUID } from 'node:crypto';
import { invalid, notFound, violates, type Tx } from '@nefos/service-kit';
import { dbOf } from '../../access/domain/claim.js';
import type { ComputeRequest } from '../../ctx.js';
import type { Page } from '../../lists/list-plan.js';
import type { Query } from '../../lists/list-query.js';
import { endUsage, recordUsageOfFloatingIp } from '../../owners/domain/usage.js';
import { reserveQuota } from '../../projects/domain/reserve-quota.js';
import { invalidValue, refusal, unknownKey } from '../../refusals.js';
import * as store from '../store/floating-ips.js';
import type { FloatingIp, ShownFloatingIp } from '../store/floating-ips.js';
import { listPortsOfInstance, lockPortsOf, findPort } from '../store/ports.js';
import { listSubnetsOf } from '../store/subnets.js';
import { takeFree } from './addresses.js';
import { choosesAddresses, demandKind } from './capabilities.js';
import { leadNowhere } from './leading.js';
import { usableNetwork } from './networks-of.js';
import { demandFree, demandId, demandOwn, projectFor, scopeOf, type For } from './owned.js';
import { touch, touchGone } from './touch.js';

export type { ShownFloatingIp } from '../store/floating-ips.js';

export const listFloatingIps = (ctx: ComputeRequest, query: Query, acting?: string): Promise<Page<ShownFloatingIp>> =>
  store.listFloatingIps(dbOf(ctx), query, { clientIds: scopeOf(ctx, query, acting) });
/** @throws Fault not_found */
export const getFloatingIp = async (ctx: ComputeRequest, id: string): Promise<ShownFloatingIp> =>
  demandOwn(ctx, await store.findFloatingIp(dbOf(ctx), demandId(id)));

/** Where a floating IP is to lead: to an address of a port; null: its first one. */
export interface Target {
  port: string;
  fixedIp: string | null;
}
/** The client and its project. */
interface Whose {
  clientId: number;
  projectId: string;
}
/**
 * Takes an address of an external network for the project, of one of its subnets or of that one.
 * @returns its id
 * @throws Fault invalid, forbidden/create.quota, conflict/action.unsupported
 */
export const takeFloatingIp = async (
  ctx: ComputeRequest,
  tx: Tx,
  {
    networkId,
    whose,
    path,
    subnetId = null,
  }: { networkId: string; whose: Whose; path: readonly PropertyKey[]; subnetId?: string | null },
): Promise<FloatingIp> => {
  const { clientId, projectId } = whose;
  const network = await usableNetwork(tx, networkId, { projectId, path, outside: true });
  if (!network.routerExternal) throw invalidValue(path, 'floating.not_external');
  const { regionId } = network;
  demandKind(ctx, regionId, 'floating_ip');
  await reserveQuota(tx, projectId, { floatingip: 1 });
  const id = randomUUID();
  await store.insertFloatingIp(tx, { id, networkId, projectId, regionId });
  if (subnetId !== null && !choosesAddresses(ctx, regionId)) throw invalidValue(['subnet_id'], 'guest.unsupported');
  if (choosesAddresses(ctx, regionId)) {
    const all = await listSubnetsOf(tx, [networkId]);
    const subnets = subnetId === null ? all : all.filter((one) => one.id === subnetId);
    if (!subnets.length && subnetId !== null) throw invalid([unknownKey(['subnet_id'], subnetId)]);
    const address = await takeFree(tx, networkId, subnets, { floatingIpId: id });
    if (address === undefined) throw invalidValue(path, 'address.none_left', { network: networkId });
    await store.updateFloatingIp(tx, id, { address });
  }
  await recordUsageOfFloatingIp(tx, { id, clientId, region: regionId });
  await touch(ctx, tx, 'floating_ip', { id, regionId }, 'created');
  return (await store.lockFloatingIp(tx, id)) as FloatingIp;
};
/**
 * Has a floating IP lead to a port of its project.
 * @param path where the request names port and address
 * @throws Fault invalid, conflict/floating.taken
 */
export const leadTo = async (
  ctx: ComputeRequest,
  tx: Tx,
  floating: FloatingIp,
  { port: portId, fixedIp }: Target,
  path: { port: readonly PropertyKey[]; address: readonly PropertyKey[] },
): Promise<void> => {
  const [locked] = await lockPortsOf(tx, [portId], floating.projectId);
  const port = locked && (await findPort(tx, portId));
  if (port?.regionId !== floating.regionId) throw invalid([unknownKey(path.port, portId)]);
  const own = port.addresses.map(({ address }) => address);
  const fixedAddress = fixedIp ?? own.find((one) => !one.includes(':'));
  if (fixedAddress === undefined) throw invalidValue(path.port, 'port.no_address');
  if (!own.includes(fixedAddress)) throw invalidValue(path.address, 'port.address_elsewhere');
  if (floating.portId === portId && floating.fixedAddress === fixedAddress) return;
  await store.updateFloatingIp(tx, floating.id, { portId, fixedAddress, fault: null }).catch((err: unknown) => {
    throw violates(err, 'floating_ip_port_id_fixed_address_key') ? refusal('conflict', 'floating.taken') : err;
  });
  await touch(ctx, tx, 'floating_ip', floating);
};

/**
 * @throws Fault invalid, not_found, forbidden/client.suspended, forbidden/create.quota, conflict/action.unsupported,
 * conflict/floating.taken
 */
export const createFloatingIp = async (
  ctx: ComputeRequest,
  { networkId, target, subnetId = null }: { networkId: string; target: Target | null; subnetId?: string | null },
  whose: For,
): Promise<ShownFloatingIp> => {
  const id = await dbOf(ctx).transaction(async (tx) => {
    const owner = await projectFor(ctx, tx, whose);
    const floating = await takeFloatingIp(ctx, tx, {
      networkId,
      subnetId,
      whose: owner,
      path: ['floating_network_id'],
    });
    if (target) await leadTo(ctx, tx, floating, target, { port: ['port_id'], address: ['fixed_ip_address'] });
    return floating.id;
  });
  return getFloatingIp(ctx, id);
};
/** The floating IP, locked, if it may be changed. @throws Fault not_found, forbidden/client.suspended */
const lockOwn = async (ctx: ComputeRequest, tx: Tx, id: string): Promise<FloatingIp> => {
  const { clientId } = demandOwn(ctx, await store.findFloatingIp(tx, demandId(id)));
  await demandFree(ctx, tx, clientId);
  const floating = await store.lockFloatingIp(tx, id);
  if (!floating) throw notFound();
  return floating;
};
/** The first port of an instance that has an IPv4 address. */
export const portOfInstance = async (tx: Tx, instanceId: string, projectId: string): Promise<string | undefined> =>
  (await listPortsOfInstance(tx, instanceId)).find(
    (one) => one.projectId === projectId && one.addresses.some(({ address }) => !address.includes(':')),
  )?.id;
/**
 * A floating IP that leads elsewhere leads here then.
 * @throws Fault not_found, invalid, forbidden/client.suspended, conflict/floating.taken
 */
export const associate = async (
  ctx: ComputeRequest,
  id: string,
  { port, instance, fixedIp }: { port: string | null; instance: string | null; fixedIp: string | null },
): Promise<ShownFloatingIp> => {
  await dbOf(ctx).transaction(async (tx) => {
    const floating = await lockOwn(ctx, tx, id);
    if ((port === null) === (instance === null)) throw invalid([{ path: ['port'], rule: 'required' }]);
    const found = port ?? (await portOfInstance(tx, instance as string, floating.projectId));
    if (found === undefined) throw invalid([unknownKey(['instance'], instance as string)]);
    const at = port === null ? 'instance' : 'port';
    await leadTo(ctx, tx, floating, { port: found, fixedIp }, { port: [at], address: ['fixed_ip'] });
  });
  return getFloatingIp(ctx, id);
};
/** @throws Fault not_found, forbidden/client.suspended */
export const dissociate = async (ctx: ComputeRequest, id: string): Promise<ShownFloatingIp> => {
  await dbOf(ctx).transaction(async (tx) => {
    const floating = await lockOwn(ctx, tx, id);
    if (floating.portId !== null) await leadNowhere(ctx, tx, [floating]);
  });
  return getFloatingIp(ctx, id);
};
/** Its address is free at once. @throws Fault not_found */
export const removeFloatingIp = async (ctx: ComputeRequest, id: string): Promise<void> => {
  await getFloatingIp(ctx, id);
  await dbOf(ctx).transaction(async (tx) => {
    const floating = await store.lockFloatingIp(tx, id);
    if (!floating) throw notFound();
    await touchGone(tx, 'floating_ip', floating);
    await endUsage(tx, 'floating_ip', id);
    await store.deleteFloatingIp(tx, id);
  });
};
