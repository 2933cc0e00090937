import { randomUUID } from 'node:crypto';
import { invalid, type Issue, type Tx } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import type { Address } from '../../ports/driver.js';
import { invalidValue, refusedValue, unknownKey } from '../../refusals.js';
import { recordAddress } from '../store/addresses.js';
import { lockLeadingTo } from '../store/floating-ips.js';
import { findNetworksNamed, findPlaced } from '../store/placed.js';
import * as store from '../store/ports.js';
import { recordThing } from '../store/recorded.js';
import { shareLockGroupsNamed } from '../store/security-groups.js';
import { listSubnetsOf, type AddressSubnet } from '../store/subnets.js';
import { newMac, subnetFor, takeFree, takeNamed } from './addresses.js';
import { can, choosesAddresses } from './capabilities.js';
import { defaultGroup } from './default-group.js';
import { leadNowhere } from './leading.js';
import { removeAtDriver, touch, touchGone } from './touch.js';

// Ports as interfaces of instances: made with an instance, and given back at its end.

/** An interface that a new instance is to have: on a network, or a port that is there. */
export interface Nic {
  network: string | null;
  port: string | null;
  fixedIp: string | null;
}
/** An interface whose network is known. */
export interface PlacedNic extends Nic {
  network: string;
}
type Ctx = Pick<ComputeCtx, 'drivers'>;

/**
 * Refuses what the region's driver can not honour, with the field named.
 * @throws Fault invalid
 */
export const demandNics = (
  ctx: Ctx,
  regionId: string,
  { nics, securityGroups }: { nics: readonly Nic[]; securityGroups: readonly string[] },
): void => {
  const issues: Issue[] = [];
  const refuse = (path: PropertyKey[]): void => void issues.push(refusedValue(path, 'guest.unsupported'));
  nics.forEach(({ port, fixedIp }, i) => {
    if (port !== null && !can(ctx, regionId, 'port')) refuse(['nics', i, 'port']);
    if (fixedIp !== null && !can(ctx, regionId, 'port')) refuse(['nics', i, 'fixed_ip']);
  });
  if (securityGroups.length && !can(ctx, regionId, 'security_group')) refuse(['security_groups']);
  if (issues.length) throw invalid(issues);
};
/**
 * Finds the networks of interfaces. Ports are locked: of two instances that want one, the second is refused. A port of
 * another project looks absent.
 * @throws Fault invalid
 */
export const placeNics = async (
  tx: Tx,
  nics: readonly Nic[],
  projectId: string | null,
  at: (nic: number, field: 'port' | 'fixed_ip') => readonly PropertyKey[] = (nic, field) => ['nics', nic, field],
): Promise<PlacedNic[]> => {
  const named = nics.flatMap(({ port }) => (port === null ? [] : [port]));
  const ports = named.length && projectId !== null ? await store.lockPortsOf(tx, named, projectId) : [];
  const issues: Issue[] = [];
  const placed = nics.map((nic, i): PlacedNic => {
    if (nic.port === null) return { ...nic, network: nic.network ?? '' };
    const port = ports.find(({ id }) => id === nic.port);
    if (!port || (nic.network !== null && nic.network !== port.networkId))
      issues.push(unknownKey(at(i, 'port'), nic.port));
    else if (port.instanceId !== null || named.indexOf(nic.port) !== named.lastIndexOf(nic.port))
      issues.push(refusedValue(at(i, 'port'), 'port.used'));
    else if (nic.fixedIp !== null) issues.push(refusedValue(at(i, 'fixed_ip'), 'port.own_address'));
    return { ...nic, network: port?.networkId ?? '' };
  });
  if (issues.length) throw invalid(issues);
  return placed;
};
/** The groups that new ports get: those that are named, else the default one. @throws Fault invalid */
export const groupsFor = async (
  ctx: Ctx,
  tx: Tx,
  { projectId, regionId, names }: { projectId: string; regionId: string; names: readonly string[] },
): Promise<string[]> => {
  if (!can(ctx, regionId, 'security_group')) return [];
  const own = await defaultGroup(ctx, tx, { projectId, regionId });
  if (!names.length) return [own];
  const found = await shareLockGroupsNamed(tx, names, { projectId, regionId });
  const issues: Issue[] = [];
  const ids = names.map((word, i) => {
    const matches = found.filter(({ id, name }) => id === word || name === word);
    if (!matches.length) issues.push(unknownKey(['security_groups', i], word));
    if (matches.length > 1 && !matches.some(({ id }) => id === word))
      issues.push(refusedValue(['security_groups', i], 'group.ambiguous'));
    return (matches.find(({ id }) => id === word) ?? matches[0])?.id ?? '';
  });
  if (issues.length) throw invalid(issues);
  return [...new Set(ids)];
};

/**
 * Takes an address for a port, the named one or a free one. A network without subnets gives none, one that is not the
 * project's own those of its pools.
 * @param at where the request names it
 * @throws Fault invalid
 */
export const takeAddress = async (
  tx: Tx,
  { networkId, portId, fixedIp }: { networkId: string; portId: string; fixedIp: string | null },
  subnets: readonly AddressSubnet[],
  at: (field?: 'fixed_ip') => readonly PropertyKey[],
): Promise<string | null> => {
  const owner = { portId };
  if (fixedIp !== null) {
    const subnet = subnetFor(subnets, fixedIp, { inPools: !(await store.isOnOwnNetwork(tx, portId)) });
    if (!subnet) throw invalidValue(at('fixed_ip'), 'address.outside');
    if (!(await takeNamed(tx, networkId, subnet, { address: fixedIp, owner })))
      throw invalidValue(at('fixed_ip'), 'address.taken');
    return fixedIp;
  }
  if (!subnets.length) return null;
  // One family suffices: as before, IPv4 where the network has it.
  const version = subnets[0]?.cidr.includes(':');
  const taken = await takeFree(
    tx,
    networkId,
    subnets.filter(({ cidr }) => cidr.includes(':') === version),
    owner,
  );
  if (taken === undefined) throw invalidValue(at(), 'address.none_left', { network: networkId });
  return taken;
};

/** What the ports of an instance are made for. */
export interface PortsFor {
  instanceId: string;
  projectId: string;
  regionId: string;
  groups: readonly string[];
  /** What a job is going to do; absent: they come with the machine. */
  change?: 'attaching';
}
/**
 * Makes a port for an interface of an instance.
 * @param at where the request names the interface, or a field of it
 * @returns its id
 * @throws Fault invalid
 */
export const makePort = async (
  ctx: Ctx,
  tx: Tx,
  { nic, position }: { nic: PlacedNic; position: number },
  { instanceId, projectId, regionId, groups, change }: PortsFor,
  at: (field?: 'fixed_ip') => readonly PropertyKey[],
): Promise<string> => {
  const choose = choosesAddresses(ctx, regionId);
  const id = randomUUID();
  await store.insertPortWithGroups(
    tx,
    {
      id,
      networkId: nic.network,
      projectId,
      regionId,
      instanceId,
      position,
      macAddress: choose ? newMac() : null,
      change: change ?? null,
    },
    groups,
  );
  if (choose || nic.fixedIp !== null) {
    const { network: networkId, fixedIp } = nic;
    const subnets = await listSubnetsOf(tx, [networkId]);
    await takeAddress(tx, { networkId, portId: id, fixedIp }, subnets, at);
  }
  return id;
};
/**
 * Makes a port for each interface of an instance, in the transaction that writes the instance, or gives it the port
 * that is named. Addresses are taken in the order of the networks: two requests can not wait for one another.
 * @throws Fault invalid
 */
export const makePorts = async (ctx: Ctx, tx: Tx, nics: readonly PlacedNic[], made: PortsFor): Promise<void> => {
  const inOrder = nics
    .map((nic, position) => ({ nic, position }))
    .sort((a, b) => (a.nic.network < b.nic.network ? -1 : a.nic.network > b.nic.network ? 1 : 0));
  for (const { nic, position } of inOrder) {
    const { port } = nic;
    if (port !== null) {
      await store.updatePort(tx, port, { instanceId: made.instanceId, position });
      await recordThing(tx, 'port', port, 'state');
    } else await makePort(ctx, tx, { nic, position }, made, (field) => ['nics', position, ...(field ? [field] : [])]);
  }
};

/**
 * Gives the ports of an instance back: those that were made with it go, with their addresses, at once; those that a
 * client made are kept. Floating IPs lead nowhere then. Ports that come and go with their instance have no events of
 * their own: creating and deleting an instance is to cost no more.
 */
export const releasePorts = async (ctx: Ctx, tx: Tx, instanceId: string): Promise<void> => {
  const ports = await store.lockPortsOfInstance(tx, instanceId);
  if (!ports.length) return;
  await leadNowhere(
    ctx,
    tx,
    await lockLeadingTo(
      tx,
      ports.map(({ id }) => id),
    ),
  );
  for (const port of ports)
    if (port.ofInstance) {
      await removeAtDriver(tx, 'port', port);
      await store.deletePort(tx, port.id);
    } else await keepPort(ctx, tx, port);
};
/** The instance gives one of them back; an address of it is free at once. */
export const releasePort = async (ctx: Ctx, tx: Tx, port: store.Port): Promise<void> => {
  if (!port.ofInstance) return keepPort(ctx, tx, port);
  await touchGone(tx, 'port', port);
  await store.deletePort(tx, port.id);
};
/** A client made it, who has it without an instance now. */
const keepPort = async (ctx: Ctx, tx: Tx, port: store.Port): Promise<void> => {
  await store.updatePort(tx, port.id, { instanceId: null, change: null, position: 0 });
  await touch(ctx, tx, 'port', port);
};

/**
 * The ports of an instance go to another client's project with it. Floating IPs and security groups stay with the
 * former one: its floating IPs lead nowhere, and the ports get the default group of the new project.
 */
export const movePorts = async (ctx: Ctx, tx: Tx, instanceId: string, projectId: string): Promise<void> => {
  const ports = await store.lockPortsOfInstance(tx, instanceId);
  const ids = ports.map(({ id }) => id);
  await leadNowhere(ctx, tx, await lockLeadingTo(tx, ids));
  for (const port of ports) {
    // For the former client it is gone.
    await recordThing(tx, 'port', port.id, 'deleted');
    await store.updatePort(tx, port.id, { projectId, ofInstance: true });
    const groups = await groupsFor(ctx, tx, { projectId, regionId: port.regionId, names: [] });
    await store.replaceGroups(tx, port.id, groups);
    await touch(ctx, tx, 'port', port, 'created');
  }
};

/**
 * Makes ports of the interfaces of a machine that was imported, as far as the region has networks of their names. Their
 * addresses are the machine's already.
 */
export const adoptPorts = async (tx: Tx, instanceId: string, addresses: readonly Address[]): Promise<void> => {
  const placed = await findPlaced(tx, instanceId);
  const fixed = addresses.filter(({ type }) => type === 'fixed');
  if (!placed || placed.ports || !fixed.length) return;
  const { projectId, regionId } = placed;
  const names = fixed.map(({ network }) => network);
  const networks = await findNetworksNamed(tx, names, { projectId, regionId });
  for (const [position, mac] of [...new Set(fixed.map((one) => one.mac))].entries()) {
    const own = fixed.filter((one) => one.mac === mac);
    const networkId = networks.get(own[0]?.network ?? '');
    if (networkId === undefined) continue;
    const id = randomUUID();
    const port = { id, networkId, projectId, regionId, instanceId, position, ofInstance: true, macAddress: mac };
    // It keeps the groups that it has.
    await store.insertPort(tx, { ...port, groupsKnown: false });
    for (const [at, { addr }] of own.entries())
      await recordAddress(tx, { networkId, owner: { portId: id, position: at }, address: addr });
  }
  await store.writeNetworksOf(tx, instanceId);
};

/**
 * Writes what the driver says of the addresses of an instance into its ports, where the driver chooses them: by the
 * order of the interfaces on each network. The instance's addresses follow.
 */
export const recordMachineAddresses = async (
  tx: Tx,
  instanceId: string,
  addresses: readonly Address[],
): Promise<void> => {
  const ports = await store.lockPortsOfInstance(tx, instanceId);
  const names = await store.listNetworkNames(
    tx,
    ports.map(({ networkId }) => networkId),
  );
  const left = addresses.filter(({ type }) => type === 'fixed');
  for (const port of ports) {
    if (port.addresses.length && port.macAddress !== null) continue;
    const name = names.get(port.networkId);
    const mac =
      port.macAddress ?? left.find((one) => one.network === name && !ports.some((p) => p.macAddress === one.mac))?.mac;
    if (mac === undefined) continue;
    port.macAddress = mac;
    await store.updatePort(tx, port.id, { macAddress: mac });
    if (port.addresses.length) continue;
    for (const [position, { addr }] of left.filter((one) => one.mac === mac).entries())
      await recordAddress(tx, { networkId: port.networkId, owner: { portId: port.id, position }, address: addr });
  }
};
