import { isIPv4, isIPv6, SocketAddress } from 'node:net';

// Addresses and networks of both families as numbers, so that they can be compared.

export type IpVersion = 4 | 6;
export interface Ip {
  version: IpVersion;
  value: bigint;
}
/** A range of addresses; both ends belong to it. */
export interface IpRange {
  version: IpVersion;
  first: bigint;
  last: bigint;
}
const bits = (version: IpVersion): number => (version === 4 ? 32 : 128);

/** An address in the one spelling that it is kept in; undefined: it is none. A zone (`%eth0`) names no address. */
export const canonicalIp = (text: string): string | undefined => {
  if (isIPv4(text)) return text;
  if (text.includes('%') || !isIPv6(text)) return undefined;
  return new SocketAddress({ address: text, family: 'ipv6' }).address;
};
const ofBytes = (bytes: readonly number[], base: bigint): bigint =>
  bytes.reduce((sum, one) => sum * base + BigInt(one), 0n);
const valueOfV4 = (text: string): bigint => ofBytes(text.split('.').map(Number), 256n);
const groups = (text: string): number[] => (text === '' ? [] : text.split(':').map((one) => Number.parseInt(one, 16)));
const valueOfV6 = (text: string): bigint => {
  // The last two groups may be written as an IPv4 address.
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const low = tail ? valueOfV4(tail[2] as string) : 0n;
  const plain = tail ? `${tail[1]}${(low >> 16n).toString(16)}:${(low & 0xffffn).toString(16)}` : text;
  const [head = '', rest] = plain.split('::');
  const [left, right] = [groups(head), groups(rest ?? '')];
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => 0);
  return ofBytes(rest === undefined ? left : [...left, ...zeros, ...right], 65_536n);
};
/** Undefined: the text is no address. */
export const parseIp = (text: string): Ip | undefined => {
  const known = canonicalIp(text);
  if (known === undefined) return undefined;
  return isIPv4(known) ? { version: 4, value: valueOfV4(known) } : { version: 6, value: valueOfV6(known) };
};
const hex = (value: bigint): string =>
  Array.from({ length: 8 }, (_, i) => ((value >> BigInt(112 - 16 * i)) & 0xffffn).toString(16)).join(':');
/** The address as text. */
export const ipText = ({ version, value }: Ip): string =>
  version === 4
    ? [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join('.')
    : (canonicalIp(hex(value)) as string);

/** An address and the length of its mask; undefined: the text is something else. */
const parsePrefix = (text: string): (Ip & { prefix: number; size: bigint }) | undefined => {
  const [, address = '', mask = ''] = /^([0-9a-fA-F:.]{2,45})\/(\d{1,3})$/.exec(text) ?? [];
  const ip = parseIp(address);
  const prefix = Number(mask);
  if (!ip || mask === '' || (mask.length > 1 && mask.startsWith('0')) || prefix > bits(ip.version)) return undefined;
  return { ...ip, prefix, size: 1n << BigInt(bits(ip.version) - prefix) };
};
/** `192.168.40.0/21`: the range of a network, both ends included; undefined: none, or bits are set behind the mask. */
export const parseCidr = (text: string): (IpRange & { prefix: number }) | undefined => {
  const found = parsePrefix(text);
  if (!found || found.value % found.size !== 0n) return undefined;
  const { version, value, size, prefix } = found;
  return { version, first: value, last: value + size - 1n, prefix };
};
/** The network in the one spelling that it is kept in; undefined: it is none. */
export const canonicalCidr = (text: string): string | undefined => {
  const found = parseCidr(text);
  return found && `${ipText({ version: found.version, value: found.first })}/${found.prefix}`;
};
/** The network that an address with a mask lies in, `10.0.0.5/24` in `10.0.0.0/24`; undefined: the text is none. */
export const networkOf = (text: string): string | undefined => {
  const found = parsePrefix(text);
  return (
    found && `${ipText({ version: found.version, value: found.value - (found.value % found.size) })}/${found.prefix}`
  );
};
