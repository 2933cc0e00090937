import { randomUUID } from 'node:crypto';
import { compute } from '@nefos/contracts';
import { invalid, type Issue } from '@nefos/service-kit';
import type { ComputeRequest } from '../../ctx.js';
import { dbOf } from '../../access/domain/claim.js';
import { invalidValue, refusal, refusedValue, unknownKey } from '../../refusals.js';
import { withoutUndefined } from '../../without-undefined.js';
import { doOverlap, firstAddress, isInPool, isOrdered, isUsable } from '../address-plan.js';
import { lockNetwork } from '../store/networks.js';
import * as store from '../store/subnets.js';
import type { Subnet } from '../store/subnets.js';
import { getSubnet } from './catalog.js';
import { changeOf, type NetworkHooks } from './networks.js';
import { demandFound, demandSame, demandUuid, removeOne } from './writes.js';

/** A subnet as staff write it; without `gatewayIp` the first address is the gateway's. */
export interface SubnetInput extends Omit<Subnet, 'id' | 'gatewayIp' | 'backendId' | 'createdAt'> {
  gatewayIp?: string | null | undefined;
}
export type SubnetChanges = { [K in keyof SubnetInput]?: SubnetInput[K] | undefined };

/**
 * What does not fit together in a subnet, every fault by its field.
 * @throws Fault invalid
 */
export const demandPlan = (subnet: Omit<Subnet, 'id' | 'networkId' | 'name' | 'backendId' | 'createdAt'>): void => {
  const { cidr, gatewayIp, allocationPools, hostRoutes } = subnet;
  const version = compute.parseCidr(cidr)?.version ?? 4;
  const issues: Issue[] = [];
  if (gatewayIp !== null && !isUsable(cidr, gatewayIp))
    issues.push(refusedValue(['gateway_ip'], 'subnet.gateway', { cidr }));
  allocationPools.forEach((pool, i) => {
    const path = ['allocation_pools', i];
    if (!isUsable(cidr, pool.start) || !isUsable(cidr, pool.end) || !isOrdered(pool))
      issues.push(refusedValue(path, 'subnet.pool', { cidr }));
    else if (allocationPools.slice(0, i).some((other) => doOverlap(pool, other)))
      issues.push(refusedValue(path, 'subnet.pool_overlap'));
    else if (gatewayIp !== null && isInPool(pool, gatewayIp)) issues.push(refusedValue(path, 'subnet.pool_gateway'));
  });
  hostRoutes.forEach(({ destination, nexthop }, i) => {
    if (compute.parseCidr(destination)?.version !== version)
      issues.push(refusedValue(['host_routes', i, 'destination'], 'subnet.version', { version }));
    if (compute.parseIp(nexthop)?.version !== version)
      issues.push(refusedValue(['host_routes', i, 'nexthop'], 'subnet.version', { version }));
  });
  if (issues.length) throw invalid(issues);
};

/** @throws Fault invalid: the network does not exist, or has a subnet with the same addresses; `demandPlan`'s */
export const createSubnet = async (
  ctx: ComputeRequest,
  input: SubnetInput,
  { may, changed }: NetworkHooks = {},
): Promise<Subnet> => {
  const id = randomUUID();
  const { networkId, cidr } = input;
  const first = firstAddress(cidr);
  if (first === undefined) throw invalidValue(['cidr'], 'subnet.too_small');
  const subnet = { ...input, gatewayIp: input.gatewayIp === undefined ? first : input.gatewayIp };
  demandPlan(subnet);
  await dbOf(ctx).transaction(async (tx) => {
    // Locked, so that of two subnets with the same addresses the second sees the first.
    const network = await lockNetwork(tx, networkId);
    if (!network) throw invalid([unknownKey(['network_id'], networkId)]);
    await may?.(tx, network);
    const other = await store.findOverlap(tx, networkId, cidr);
    if (other !== undefined) throw invalidValue(['cidr'], 'subnet.overlap', { cidr: other });
    await store.insertSubnet(tx, { ...subnet, id });
    await changed?.(tx, changeOf('subnet', { id, backendId: null }, network, 'created'));
  });
  return getSubnet(ctx, id);
};
/**
 * Changes what is given. The gateway does not become an address that an instance has.
 * @throws Fault not_found, conflict/subnet.gateway_used; `demandPlan`'s
 */
export const changeSubnet = async (
  ctx: ComputeRequest,
  id: string,
  changes: SubnetChanges,
  { may, changed }: NetworkHooks = {},
): Promise<Subnet> => {
  await dbOf(ctx).transaction(async (tx) => {
    const { networkId } = demandFound(await store.findSubnet(tx, demandUuid(id)));
    const locked = demandFound(await lockNetwork(tx, networkId));
    await may?.(tx, locked);
    const kept = demandFound(await store.findSubnet(tx, id));
    const { networkId: network, cidr, ...given } = changes;
    demandSame('network_id', network, kept.networkId);
    demandSame('cidr', cidr, kept.cidr);
    const own = withoutUndefined(given);
    const wanted = { ...kept, ...own };
    demandPlan(wanted);
    const { gatewayIp } = wanted;
    if (gatewayIp !== null && gatewayIp !== kept.gatewayIp) {
      const isUsed = await store.isRangeUsed(tx, kept.networkId, gatewayIp, { building: false });
      if (isUsed) throw refusal('conflict', 'subnet.gateway_used');
    }
    await store.updateSubnet(tx, id, own);
    await changed?.(tx, changeOf('subnet', kept, locked, 'state'));
  });
  return getSubnet(ctx, id);
};
/**
 * Not while an instance has one of its addresses, or is being built and may get one.
 * @throws Fault not_found, conflict/catalog.in_use
 */
export const removeSubnet = (ctx: ComputeRequest, id: string, { may, changed }: NetworkHooks = {}): Promise<void> =>
  removeOne(ctx, async (tx) => {
    const subnet = demandFound(await store.findSubnet(tx, demandUuid(id)));
    const { networkId, cidr } = subnet;
    const network = demandFound(await lockNetwork(tx, networkId));
    await may?.(tx, network);
    if (await store.isConnected(tx, id))
      throw refusal('conflict', 'catalog.in_use', { thing: 'subnet', users: 'routers' });
    if (await store.isRangeUsed(tx, networkId, cidr, { building: true }))
      throw refusal('conflict', 'catalog.in_use', { thing: 'subnet', users: 'instances' });
    await changed?.(tx, changeOf('subnet', subnet, network, 'deleted'));
    return store.deleteSubnet(tx, id);
  });
