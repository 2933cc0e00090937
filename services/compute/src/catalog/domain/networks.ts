import { randomUUID } from 'node:crypto';
import { invalid, type Issue, type Tx } from '@nefos/service-kit';
import type { ComputeRequest } from '../../ctx.js';
import { dbOf } from '../../access/domain/claim.js';
import { refusal, unknownKey } from '../../refusals.js';
import { withoutUndefined } from '../../without-undefined.js';
import * as store from '../store/networks.js';
import type { Network, NetworkWithSubnets } from '../store/networks.js';
import { shareLockRegion } from '../store/regions.js';
import { listSubnetsOfNetwork } from '../store/subnets.js';
import { getNetwork } from './catalog.js';
import { demandFound, demandSame, demandUuid, removeOne } from './writes.js';

/** A network as staff write it. */
export interface NetworkInput extends Omit<
  Network,
  'id' | 'regionId' | 'status' | 'backendId' | 'managed' | 'autoCreated' | 'fault' | 'givenName' | 'createdAt'
> {
  region: string;
}
export type NetworkChanges = { [K in keyof NetworkInput]?: NetworkInput[K] | undefined };

/** A network or subnet that was made or changed, or is about to be deleted. */
export interface NetworkChange extends Pick<Network, 'id' | 'regionId' | 'backendId' | 'managed'> {
  kind: 'network' | 'subnet';
  happened: 'created' | 'state' | 'deleted';
}
/** What a later area has to do with a change, in its transaction. */
export interface NetworkHooks {
  /** Judges whether the caller may change the network. */
  may?: (tx: Tx, network: Network) => Promise<void>;
  /** Hears of a change. */
  changed?: (tx: Tx, change: NetworkChange) => Promise<void>;
}
export const changeOf = (
  kind: NetworkChange['kind'],
  { id, backendId }: Pick<Network, 'id' | 'backendId'>,
  { regionId, managed }: Pick<Network, 'regionId' | 'managed'>,
  happened: NetworkChange['happened'],
): NetworkChange => ({ kind, id, backendId, regionId, managed, happened });

/**
 * One that becomes the default takes the place of the former default of its region and project.
 * @throws Fault invalid: its region or project does not exist, or its name is taken
 */
export const createNetwork = async (
  ctx: ComputeRequest,
  { region, ...own }: NetworkInput,
  { changed }: NetworkHooks = {},
): Promise<NetworkWithSubnets> => {
  const id = randomUUID();
  await dbOf(ctx).transaction(async (tx) => {
    const issues: Issue[] = [];
    if (!(await shareLockRegion(tx, region))) issues.push(unknownKey(['region'], region));
    if (own.projectId !== null && !(await store.findProjectIds(tx, [own.projectId])).length)
      issues.push(unknownKey(['project_id'], own.projectId));
    if (issues.length) throw invalid(issues);
    if (own.isDefault) {
      await store.lockDefaults(tx, region);
      await store.clearDefault(tx, region, own.projectId);
    }
    await store.insertNetwork(tx, { ...own, id, regionId: region });
    await changed?.(tx, changeOf('network', { id, backendId: null }, { regionId: region, managed: false }, 'created'));
  });
  return getNetwork(ctx, id);
};
/**
 * Changes what is given. It stays shared while instances of other projects are attached to it.
 * @throws Fault not_found, invalid, conflict/network.others
 */
export const changeNetwork = async (
  ctx: ComputeRequest,
  id: string,
  { region, projectId, ...own }: NetworkChanges,
  { may, changed }: NetworkHooks = {},
): Promise<NetworkWithSubnets> => {
  await dbOf(ctx).transaction(async (tx) => {
    // The region's lock comes before the network's: whoever deletes the region takes them in this order.
    const found = demandFound(await store.findNetwork(tx, demandUuid(id)));
    if (own.isDefault) await store.lockDefaults(tx, found.regionId);
    const kept = demandFound(await store.lockNetwork(tx, id));
    await may?.(tx, kept);
    demandSame('region', region, kept.regionId);
    demandSame('project_id', projectId, kept.projectId);
    if (kept.shared && own.shared === false && (await store.isNetworkUsed(tx, id, kept.projectId)))
      throw refusal('conflict', 'network.others');
    if (own.isDefault && !kept.isDefault) await store.clearDefault(tx, kept.regionId, kept.projectId);
    await store.updateNetwork(tx, id, withoutUndefined(own));
    await changed?.(tx, changeOf('network', kept, kept, 'state'));
  });
  return getNetwork(ctx, id);
};
/** Its subnets go with it. @throws Fault not_found, conflict/catalog.in_use */
export const removeNetwork = (ctx: ComputeRequest, id: string, hooks: NetworkHooks = {}): Promise<void> =>
  removeOne(ctx, (tx) => removeNetworkIn(tx, id, hooks));
/** As `removeNetwork`, in the caller's transaction. @returns whether there was one */
export const removeNetworkIn = async (tx: Tx, id: string, { may, changed }: NetworkHooks = {}): Promise<boolean> => {
  const network = demandFound(await store.lockNetwork(tx, demandUuid(id)));
  await may?.(tx, network);
  const users = await store.findNetworkUsers(tx, id);
  if (users !== undefined) throw refusal('conflict', 'catalog.in_use', { thing: 'network', users });
  for (const subnet of changed ? await listSubnetsOfNetwork(tx, id) : [])
    await changed?.(tx, changeOf('subnet', subnet, network, 'deleted'));
  await changed?.(tx, changeOf('network', network, network, 'deleted'));
  return store.deleteNetwork(tx, id);
};
