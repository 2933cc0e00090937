import ipaddr from 'ipaddr.js';

const MAC = /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/;
/** A MAC address in its one spelling, lower-case with colons; 20 octets of InfiniBand are none (contract §6.2). */
export const macOf = (text: unknown): string | undefined => {
  if (typeof text !== 'string' || text.length > 32) return undefined;
  const lower = text.trim().toLowerCase().replaceAll('-', ':');
  return MAC.test(lower) ? lower : undefined;
};
const PXE_FORM = /^[0-9a-f]{2}[-:](?=(?:[0-9a-f]{2}[-:]){5}[0-9a-f]{2}$)/i;
/** The MAC of the interface that booted: plain, or as PXE writes it, `01-aa-bb-cc-dd-ee-ff` (contract §5). */
export const bootMacOf = (text: unknown): string | undefined =>
  macOf(typeof text === 'string' && text.length <= 32 ? text.trim().replace(PXE_FORM, '') : text);

/** Longer than any address with its scope and prefix. */
const LONGEST = 64;
/** An IPv4 or IPv6 address in its one spelling, without a prefix and a scope. */
export const ipOf = (text: unknown): string | undefined => {
  if (typeof text !== 'string' || text.length > LONGEST) return undefined;
  const [bare = ''] = text
    .trim()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\/\d{1,3}$/, '')
    .split('%');
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

/** A network: its octets, and how many bits of them count. */
export interface Network {
  octets: readonly number[];
  bits: number;
}
const octetsOf = (address: string): number[] => ipaddr.parse(address).toByteArray();
/** A network as `10.0.0.0/8` or `10.0.0.0/255.0.0.0`; an address alone is a network of one. */
export const networkOf = (text: unknown): Network | undefined => {
  if (typeof text !== 'string' || text.length > LONGEST) return undefined;
  const [address = '', length, ...more] = text.trim().split('/');
  if (more.length > 0 || /[[\]%]/.test(address) || ipOf(address) === undefined) return undefined;
  const octets = octetsOf(address);
  const most = octets.length * 8;
  if (length === undefined) return { octets, bits: most };
  const isMask = most === 32 && ipaddr.IPv4.isValidFourPartDecimal(length);
  const bits = isMask
    ? (ipaddr.IPv4.parse(length).prefixLengthFromSubnetMask() ?? NaN)
    : /^\d{1,3}$/.test(length)
      ? Number(length)
      : NaN;
  return bits <= most ? { octets, bits } : undefined;
};
/** Whether an address is in a network; one of the other family is not. */
export const inNetwork = (address: string, { octets, bits }: Network): boolean => {
  const own = octetsOf(address);
  if (own.length !== octets.length) return false;
  return own.every((octet, i) => {
    const counting = Math.min(8, Math.max(0, bits - i * 8));
    const mask = (0xff << (8 - counting)) & 0xff;
    return (octet & mask) === ((octets[i] ?? 0) & mask);
  });
};
/** Whose an address is: of IPv6 whoever has the /64, in which everybody has more addresses than can be remembered. */
export const senderOf = (address: string): string => {
  if (!ipaddr.isValid(address)) return address;
  const one = ipaddr.process(address);
  return one instanceof ipaddr.IPv6
    ? one.parts
        .slice(0, 4)
        .map((part) => part.toString(16))
        .join(':')
    : one.toString();
};
