import { lookup, type LookupAddress } from 'node:dns';
import { BlockList, isIP, isIPv4, type LookupFunction } from 'node:net';

// Requests on behalf of users (webhooks, imports) must not reach what only this installation reaches: its services, its
// database, a cloud's metadata. RFC 6890 and its successors at IANA.

const INSIDE_V4 = [
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
/** Only 2000::/3 is given out; these are the parts of it that lead to no host outside, or to one of IPv4. */
const INSIDE_V6 = ['2001::/23', '2001:db8::/32', '3fff::/20'];

const blockList = (networks: readonly string[]): BlockList => {
  const list = new BlockList();
  for (const network of networks) {
    const [, address = '', length] = /^([\da-fA-F.:]+)\/(\d{1,3})$/.exec(network) ?? [];
    // Without a length a whole family would be meant.
    if (length === undefined) throw new TypeError(`${network} is no network`);
    list.addSubnet(address, Number(length), isIPv4(address) ? 'ipv4' : 'ipv6');
  }
  return list;
};
/** Networks in CIDR form, comma-separated. @throws TypeError, RangeError: one of them is none */
export const parseNetworks = (text: string): BlockList =>
  blockList(
    text
      .split(',')
      .map((one) => one.trim())
      .filter(Boolean),
  );
const insideV4 = blockList(INSIDE_V4);
const insideV6 = blockList(INSIDE_V6);

const IPV4_AT_END = /\b(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;
/** The eight groups of an IPv6 address. */
const groupsOf = (address: string): number[] => {
  const plain = (address.split('%')[0] ?? '').replace(IPV4_AT_END, (_all, ...bytes: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = bytes.slice(0, 4).map(Number);
    return [a * 256 + b, c * 256 + d].map((one) => one.toString(16)).join(':');
  });
  const [head = '', tail] = plain.split('::');
  const numbers = (part: string): number[] => (part ? part.split(':').map((one) => parseInt(one, 16)) : []);
  const [first, last] = [numbers(head), numbers(tail ?? '')];
  return tail === undefined ? first : [...first, ...Array<number>(8 - first.length - last.length).fill(0), ...last];
};
const v4Of = (high = 0, low = 0): string => [high >> 8, high & 255, low >> 8, low & 255].join('.');
/** The IPv4 address to which an IPv6 address leads: mapped, NAT64 or 6to4. */
const embeddedV4 = (address: string): string | undefined => {
  const g = groupsOf(address);
  const zeros = (from: number, to: number): boolean => g.slice(from, to).every((one) => one === 0);
  if (zeros(0, 5) && g[5] === 0xffff) return v4Of(g[6], g[7]);
  if (g[0] === 0x64 && g[1] === 0xff9b && zeros(2, 6)) return v4Of(g[6], g[7]);
  return g[0] === 0x2002 ? v4Of(g[1], g[2]) : undefined;
};

/** Whether an address is one of the public internet, or of a network that is allowed all the same. */
export const isOutside = (address: string, allowed?: BlockList): boolean => {
  const family = isIP(address);
  if (family === 0) return false;
  if (allowed?.check(address, family === 4 ? 'ipv4' : 'ipv6')) return true;
  if (family === 4) return !insideV4.check(address, 'ipv4');
  const v4 = embeddedV4(address);
  if (v4 !== undefined) return isOutside(v4, allowed);
  const [first = 0] = groupsOf(address);
  return first >= 0x2000 && first <= 0x3fff && !insideV6.check(address, 'ipv6');
};

/** The address or name of an URL's host, without the brackets of IPv6. */
export const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '');
export class InsideAddress extends Error {
  override readonly name = 'InsideAddress';
  constructor() {
    super('the address is not one of the public internet');
  }
}
/**
 * Resolves a name for `http.request`, `net.connect` and the like, and refuses it when any of its addresses is inside.
 * The connection goes to what was checked: a name that changes its address meanwhile gains nothing. A host that is an
 * address is never resolved: check it with `isOutside` first (`demandOutside`).
 */
export const lookupOutside =
  (allowed?: BlockList): LookupFunction =>
  (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (err, found) => {
      const addresses = found as LookupAddress[] | undefined;
      if (err || !addresses?.length) {
        callback(err ?? new Error(`no address for ${hostname}`), '', 4);
        return;
      }
      if (!addresses.every(({ address }) => isOutside(address, allowed))) callback(new InsideAddress(), '', 4);
      else if (options.all) callback(null, addresses);
      else callback(null, addresses[0]?.address ?? '', addresses[0]?.family);
    });
  };
/** @throws InsideAddress: the host is an address, and not outside */
export const demandOutside = (url: URL, allowed?: BlockList): void => {
  const host = hostOf(url);
  if (isIP(host) && !isOutside(host, allowed)) throw new InsideAddress();
};
