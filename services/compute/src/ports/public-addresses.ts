import { BlockList, isIP } from 'node:net';

// Which addresses belong to no internal network (RFC 6890, IANA's registries of special addresses). Of IPv6 only what
// is given out to the public, without the parts that lead elsewhere: tunnels hold an IPv4 address.
const NOT_PUBLIC_4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];
const PUBLIC_6 = ['2000::/3'];
const NOT_PUBLIC_6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

const listOf = (ranges: readonly string[], family: 'ipv4' | 'ipv6'): BlockList => {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits] = range.split('/');
    list.addSubnet(address, Number(bits), family);
  }
  return list;
};
const internal4 = listOf(NOT_PUBLIC_4, 'ipv4');
const public6 = listOf(PUBLIC_6, 'ipv6');
const internal6 = listOf(NOT_PUBLIC_6, 'ipv6');

/** The IPv4 address in one of the form ::ffff:a.b.c.d, however it is written; else undefined. */
const mapped = (address: string): string | undefined => {
  const [, hex] = /^\[(?:::ffff:)([0-9a-f:]+)\]$/.exec(new URL(`http://[${address}]/`).hostname) ?? [];
  const [high = '', low] = hex?.split(':') ?? [];
  if (low === undefined) return undefined;
  const [a, b] = [parseInt(high, 16), parseInt(low, 16)];
  return [a >> 8, a & 255, b >> 8, b & 255].join('.');
};

/**
 * Whether an address is one that anybody on the Internet may reach: not of this machine, of a private or link-local
 * network, of a cloud's metadata, or reserved.
 * @param address IPv4 or IPv6, without brackets; a zone (`fe80::1%eth0`) is never public
 */
export const isPublicAddress = (address: string): boolean => {
  if (address.includes('%')) return false;
  switch (isIP(address)) {
    case 4:
      return !internal4.check(address, 'ipv4');
    case 6: {
      const inside = mapped(address);
      if (inside !== undefined) return !internal4.check(inside, 'ipv4');
      return public6.check(address, 'ipv6') && !internal6.check(address, 'ipv6');
    }
    default:
      return false;
  }
};
