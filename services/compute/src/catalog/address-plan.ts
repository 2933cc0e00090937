import { compute } from '@nefos/contracts';

// Which addresses of a subnet machines get. Pure: no database.

const { ipText, parseCidr, parseIp } = compute;

export interface Pool {
  start: string;
  end: string;
}
/** Addresses of a subnet, as far as they decide which ones are given out. */
export interface AddressPlan {
  cidr: string;
  gatewayIp: string | null;
  /** Empty: every address but the gateway's. */
  allocationPools: readonly Pool[];
}
/** @throws Error for what is no network: it was checked before */
const rangeOf = (cidr: string): compute.IpRange => {
  const found = parseCidr(cidr);
  if (!found) throw new Error(`${cidr} is no network`);
  // The network's own address, and at IPv4 the broadcast address, are no machine's.
  return { version: found.version, first: found.first + 1n, last: found.version === 4 ? found.last - 1n : found.last };
};
/** Whether a machine in the network can have the address. */
export const isUsable = (cidr: string, address: string): boolean => {
  const range = rangeOf(cidr);
  const ip = parseIp(address);
  return ip?.version === range.version && range.first <= ip.value && ip.value <= range.last;
};
/** The first address for a machine: the gateway's, unless another one is named. Undefined: there is no second one. */
export const firstAddress = (cidr: string): string | undefined => {
  const { version, first, last } = rangeOf(cidr);
  return first < last ? ipText({ version, value: first }) : undefined;
};
const valueOf = (address: string): bigint => parseIp(address)?.value ?? -1n;
export const isInPool = ({ start, end }: Pool, address: string): boolean =>
  parseIp(start)?.version === parseIp(address)?.version &&
  valueOf(start) <= valueOf(address) &&
  valueOf(address) <= valueOf(end);
/** Both are of one subnet. */
export const doOverlap = (a: Pool, b: Pool): boolean =>
  valueOf(a.start) <= valueOf(b.end) && valueOf(b.start) <= valueOf(a.end);
export const isOrdered = ({ start, end }: Pool): boolean => valueOf(start) <= valueOf(end);

/** The pools of a subnet: those that were named, else all of the network around the gateway. */
export const poolsOf = ({ cidr, gatewayIp, allocationPools }: AddressPlan): readonly Pool[] => {
  if (allocationPools.length) return allocationPools;
  const { version, first, last } = rangeOf(cidr);
  const pool = (from: bigint, to: bigint): Pool[] =>
    from <= to ? [{ start: ipText({ version, value: from }), end: ipText({ version, value: to }) }] : [];
  if (gatewayIp === null) return pool(first, last);
  const gateway = valueOf(gatewayIp);
  return [...pool(first, gateway - 1n), ...pool(gateway + 1n, last)];
};
