import { randomBytes } from 'node:crypto';
import { compute } from '@nefos/contracts';
import type { Tx } from '@nefos/service-kit';
import { isInPool, isUsable, poolsOf } from '../../catalog/address-plan.js';
import { takeInRanges, takeOneOf, type AddressOwner, type Taken } from '../store/addresses.js';
import type { AddressSubnet } from '../store/subnets.js';

const { ipText, parseIp } = compute;

/** The lowest addresses are looked at first, so that small networks fill up in order. */
const LOWEST = 32;
const RANDOM = 32;
const TRIES = 3;
/** So many addresses of a pool are looked at last: one of IPv6 has more than anybody can count. */
const MOST = 65_536n;

interface Range {
  version: 4 | 6;
  first: bigint;
  size: bigint;
}
const rangesOf = (subnet: AddressSubnet): Range[] =>
  poolsOf(subnet).flatMap(({ start, end }) => {
    const [from, to] = [parseIp(start), parseIp(end)];
    return from && to ? [{ version: from.version, first: from.value, size: to.value - from.value + 1n }] : [];
  });
/** The address at a place, counted over all ranges. */
const at = (ranges: readonly Range[], place: bigint): string | undefined => {
  let left = place;
  for (const { version, first, size } of ranges) {
    if (left < size) return ipText({ version, value: first + left });
    left -= size;
  }
  return undefined;
};
/** A place by chance. Of 2^64 and more places the first 2^64 suffice. */
const anyPlace = (total: bigint): bigint => randomBytes(8).readBigUInt64BE() % total;
/** The lowest places, and after those some by chance. */
const candidates = (ranges: readonly Range[], total: bigint): string[] =>
  [
    ...Array.from({ length: LOWEST }, (_, i) => BigInt(i)),
    ...Array.from({ length: total > BigInt(LOWEST) ? RANDOM : 0 }, () => anyPlace(total)),
  ]
    .map((place) => at(ranges, place))
    .filter((one) => one !== undefined);
const MOST_SUBNETS = 64;
/** Who loses an address to another request looks again: each time one of them has got one. */
const MOST_LOOKS = 200;
const look = async (find: () => Promise<Taken>): Promise<string | undefined> => {
  for (let at = 0; at < MOST_LOOKS; at += 1) {
    const taken = await find();
    if (taken === 'none') return undefined;
    if (taken !== 'lost') return taken.address;
  }
  return undefined;
};

/**
 * Takes a free address from the pools of a network. Requests at the same time get different ones: the key of the table
 * decides, and who loses looks again.
 * @param from its subnets, in the order in which they are used
 * @returns undefined: there is none left
 */
export const takeFree = async (
  tx: Tx,
  networkId: string,
  from: readonly AddressSubnet[],
  owner: AddressOwner,
): Promise<string | undefined> => {
  for (const subnet of from.slice(0, MOST_SUBNETS)) {
    const ranges = rangesOf(subnet);
    const total = ranges.reduce((sum, { size }) => sum + size, 0n);
    if (total === 0n) continue;
    const wanted = { networkId, subnetId: subnet.id, owner };
    for (let tryAt = 0; tryAt < TRIES; tryAt += 1) {
      const taken = await look(() => takeOneOf(tx, wanted, candidates(ranges, total)));
      if (taken !== undefined) return taken;
      if (total <= BigInt(LOWEST)) break;
    }
    const bounded = ranges.map(({ version, first, size }) => ({
      start: ipText({ version, value: first }),
      size: Number(size < MOST ? size : MOST),
    }));
    const taken = await look(() => takeInRanges(tx, wanted, bounded));
    if (taken !== undefined) return taken;
  }
  return undefined;
};
/**
 * The subnet that a machine can have the address in; the gateway's address is nobody's.
 * @param inPools whether it is to be one of the pools: beside them the provider has its own machines
 */
export const subnetFor = (
  from: readonly AddressSubnet[],
  address: string,
  { inPools }: { inPools: boolean },
): AddressSubnet | undefined =>
  from.find(
    (subnet) =>
      isUsable(subnet.cidr, address) &&
      subnet.gatewayIp !== address &&
      (!inPools || poolsOf(subnet).some((pool) => isInPool(pool, address))),
  );
/** Takes this address. @returns whether it was free */
export const takeNamed = async (
  tx: Tx,
  networkId: string,
  subnet: AddressSubnet,
  { address, owner }: { address: string; owner: AddressOwner },
): Promise<boolean> => typeof (await takeOneOf(tx, { networkId, subnetId: subnet.id, owner }, [address])) === 'object';

/** A locally administered address by chance. */
export const newMac = (): string =>
  `fa:${[...randomBytes(5)].map((byte) => byte.toString(16).padStart(2, '0')).join(':')}`;
