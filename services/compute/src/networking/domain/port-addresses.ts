import { invalid, type Tx } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { invalidValue, refusal, unknownKey } from '../../refusals.js';
import { dropAddress, recordPosition, refreshAddresses } from '../store/addresses.js';
import { lockLeadingTo } from '../store/floating-ips.js';
import type { ShownPort } from '../store/ports.js';
import { listSubnetsOf, type AddressSubnet } from '../store/subnets.js';
import { leadNowhere } from './leading.js';
import { takeAddress } from './machine-ports.js';

/** An address that a port is to have: this one, else one of the subnet, else any. */
export interface WantedAddress {
  address: string | null;
  subnet: string | null;
}
/** The subnets that an address may be of. @throws Fault invalid */
const subnetsFor = (all: readonly AddressSubnet[], { subnet }: WantedAddress, at: number): readonly AddressSubnet[] => {
  const of = subnet === null ? all : all.filter(({ id }) => id === subnet);
  if (subnet !== null && !of.length) throw invalid([unknownKey(['fixed_ips', at, 'subnet_id'], subnet)]);
  return of;
};
const pathOf =
  (at: number) =>
  (field?: 'fixed_ip'): readonly PropertyKey[] => ['fixed_ips', at, ...(field ? ['ip_address'] : [])];
/**
 * Takes the addresses of a new port.
 * @param port.choose whether the portal chooses the addresses for which none is named; else the driver does
 * @throws Fault invalid
 */
export const takeAddresses = async (
  tx: Tx,
  { networkId, portId, choose }: { networkId: string; portId: string; choose: boolean },
  wanted: readonly WantedAddress[],
): Promise<void> => {
  const subnets = await listSubnetsOf(tx, [networkId]);
  if (!wanted.length && choose)
    await takeAddress(tx, { networkId, portId, fixedIp: null }, subnets, () => ['network_id']);
  for (const [i, one] of wanted.entries()) {
    const of = subnetsFor(subnets, one, i);
    if (one.address === null && !choose) continue;
    const taken = await takeAddress(tx, { networkId, portId, fixedIp: one.address }, of, pathOf(i));
    if (taken !== null && i > 0) await recordPosition(tx, portId, taken, i);
  }
};
/** What each of the wanted addresses is already: those that are named first, then any that fits. */
const keptOf = ({ addresses }: ShownPort, wanted: readonly WantedAddress[]): (string | undefined)[] => {
  const left = new Map(addresses.map(({ address, subnetId }) => [address, subnetId]));
  const named = wanted.map(({ address, subnet }) => {
    if (address === null || (subnet !== null && left.get(address) !== subnet)) return undefined;
    return left.delete(address) ? address : undefined;
  });
  return wanted.map(({ address, subnet }, i) => {
    if (address !== null) return named[i];
    const [found] = [...left].find(([, of]) => subnet === null || of === subnet) ?? [];
    if (found !== undefined) left.delete(found);
    return found;
  });
};
/**
 * The locked port has these addresses, and no others. Those that it has stay its own; floating IPs that lead to one
 * that it gives back lead nowhere. An instance gets and loses addresses by its own actions, which it has to allow.
 * @throws Fault invalid, conflict/port.used
 */
export const replaceAddresses = async (
  ctx: Pick<ComputeCtx, 'drivers'>,
  tx: Tx,
  port: ShownPort,
  { wanted, choose }: { wanted: readonly WantedAddress[]; choose: boolean },
): Promise<void> => {
  if (!wanted.length) throw invalidValue(['fixed_ips'], 'address.none');
  const { id: portId, networkId } = port;
  const subnets = await listSubnetsOf(tx, [networkId]);
  const allowed = wanted.map((one, i) => subnetsFor(subnets, one, i));
  const kept = keptOf(port, wanted);
  const dropped = port.addresses.filter(({ address }) => !kept.includes(address));
  if (port.instanceId !== null && (dropped.length || kept.includes(undefined))) throw refusal('conflict', 'port.used');
  for (const { address } of dropped) {
    await leadNowhere(ctx, tx, await lockLeadingTo(tx, [portId], address));
    await dropAddress(tx, portId, address);
  }
  for (const [i, { address }] of wanted.entries()) {
    if (kept[i] === undefined && address === null && !choose)
      throw invalid([{ path: pathOf(i)('fixed_ip'), rule: 'required' }]);
    const has =
      kept[i] ?? (await takeAddress(tx, { networkId, portId, fixedIp: address }, allowed[i] ?? [], pathOf(i)));
    if (has === null) throw invalidValue(pathOf(i)(), 'address.none_left', { network: networkId });
    await recordPosition(tx, portId, has, i);
  }
  // Another order of them is another first address of the instance.
  if (port.instanceId !== null) await refreshAddresses(tx, port.instanceId);
};
