import ipaddr from 'ipaddr.js';

const MAC = /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/;
/** A MAC address in its one spelling, lower-case with colons; 20 octets of InfiniBand are none (contract §6.2). */
export const macOf = (text: unknown): string | undefined => {
  if (typeof text !== 'string' || text.length > 32) return undefined;
  const lower = text.trim().toLowerCase().replaceAll('-', ':');
  return MAC.test(lower) ? lower : undefined;
};
/** The MAC of the interface that booted: plain, or as PXE writes it, `01-aa-bb-cc-dd-ee-ff` (contract §5). */
export const bootMacOf = (text: unknown): string | undefined =>
  macOf(
    typeof text === 'string' ? text.replace(/^[0-9a-fA-F]{2}-(?=(?:[0-9a-fA-F]{2}-){5}[0-9a-fA-F]{2}$)/, '') : text,
  );
/** An IPv4 or IPv6 address in its one spelling, without a prefix and a scope. */
export const ipOf = (text: unknown): string | undefined => {
  if (typeof text !== 'string' || text.length > 64) return undefined;
  const bare = text
    .trim()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\/\d{1,3}$/, '')
    .replace(/%.*$/, '');
  const isFourPart = ipaddr.IPv4.isValidFourPartDecimal(bare);
  return isFourPart || (bare.includes(':') && ipaddr.isValid(bare)) ? ipaddr.parse(bare).toString() : undefined;
};
/** An address by which a BMC may be known: neither unspecified nor loopback (contract §5, §6.1). */
export const bmcAddressOf = (text: unknown): string | undefined => {
  const address = ipOf(text);
  if (address === undefined) return undefined;
  const range = ipaddr.parse(address).range();
  return range === 'unspecified' || range === 'loopback' ? undefined : address;
};
export const isLoopback = (address: string): boolean =>
  ipaddr.isValid(address) && ipaddr.parse(address).range() === 'loopback';

type Network = [ipaddr.IPv4 | ipaddr.IPv6, number];
/** A network as `10.0.0.0/8`; an address alone is a network of one. */
export const networkOf = (text: unknown): Network | undefined => {
  if (typeof text !== 'string' || text.length > 64) return undefined;
  const whole = text.includes('/') ? text : `${text}/${text.includes(':') ? 128 : 32}`;
  return ipaddr.isValidCIDR(whole) ? (ipaddr.parseCIDR(whole) as Network) : undefined;
};
export const inNetwork = (address: string, [network, bits]: Network): boolean => {
  const one = ipaddr.parse(address);
  return one.kind() === network.kind() && one.match(network, bits);
};
