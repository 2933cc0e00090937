import { lookup } from 'node:dns/promises';
import ipaddr from 'ipaddr.js';
import { inNetwork, networkOf } from '../../addresses.js';
import { BmcError } from './driver.js';

// Whoever may register a node says where this service connects to, from inside the operator's network. So an address
// is looked at before anything is sent to it, and the connection then goes to that very address: a name that answers
// differently the second time leads nowhere else.

type Address = ipaddr.IPv4 | ipaddr.IPv6;
/** Metadata services of clouds that do not stand in a link-local network. */
const METADATA = new Set(['100.100.100.200', 'fd00:ec2::254', 'fd20:ce::254']);
/** Never a BMC, whatever is configured. */
const NEVER = new Set(['unspecified', 'broadcast', 'multicast']);
/** Not without being named in the configuration. */
const CLOSED = new Set([...NEVER, 'loopback', 'linkLocal', 'reserved', 'teredo', '6to4', 'as112', 'discard']);

const fourBytes = (bytes: readonly number[]): Address => new ipaddr.IPv4([...bytes]);
/** The IPv4 address to which an IPv6 one leads: mapped, compatible (`::a.b.c.d`), translated, NAT64, 6to4; or it. */
const inner = (address: Address): Address => {
  if (address instanceof ipaddr.IPv4) return address;
  const bytes = address.toByteArray();
  const starts = (...first: number[]): boolean => first.every((byte, at) => bytes[at] === byte);
  if (address.isIPv4MappedAddress()) return address.toIPv4Address();
  if (starts(0x20, 0x02)) return fourBytes(bytes.slice(2, 6));
  // `::ffff:0:a.b.c.d` of RFC 2765.
  const isTranslated = starts(0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0);
  const isNat64 = starts(0x00, 0x64, 0xff, 0x9b);
  const isCompatible = bytes.slice(0, 12).every((byte) => byte === 0) && bytes.slice(12, 15).some((byte) => byte !== 0);
  return isNat64 || isTranslated || isCompatible ? fourBytes(bytes.slice(12)) : address;
};

/**
 * Whether a BMC of this address may be contacted.
 * @param address IPv4 or IPv6, as a resolver writes it
 * @param networks null: every network that is not closed; else these only
 */
export const mayContact = (address: string, networks: readonly string[] | null): boolean => {
  if (address.includes('%') || !ipaddr.isValid(address)) return false;
  const outer = ipaddr.parse(address);
  const real = inner(outer);
  const isIn4Block0 = real instanceof ipaddr.IPv4 && real.octets[0] === 0;
  if (isIn4Block0 || NEVER.has(real.range()) || NEVER.has(outer.range())) return false;
  if (networks === null) return ![real, outer].some((one) => METADATA.has(one.toString()) || CLOSED.has(one.range()));
  return networks.some((text) => {
    const network = networkOf(text);
    return network !== undefined && inNetwork(real.toString(), network);
  });
};

export type Resolve = (host: string) => Promise<string[]>;
const resolveByDns: Resolve = async (host) => (await lookup(host, { all: true })).map(({ address }) => address);

/**
 * The address to connect to: of a host name the first one that may be contacted.
 * @param host a name or an address; IPv6 also in brackets
 * @throws BmcError `address` when none may be contacted, `unreachable` when the name has none
 */
export const checkedAddress = async (
  host: string,
  networks: readonly string[] | null,
  resolve: Resolve = resolveByDns,
): Promise<string> => {
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  let found: string[];
  try {
    found = ipaddr.isValid(bare) && ipaddr.parse(bare).toString() === bare ? [bare] : await resolve(bare);
  } catch {
    throw new BmcError('unreachable', `The BMC's host name ${bare} has no address.`);
  }
  const allowed = found.find((address) => mayContact(address, networks));
  if (allowed === undefined)
    throw new BmcError(
      'address',
      `The BMC address ${bare} is not contacted: it is in none of the networks of NEFOS_INTROSPECTION_BMC_NETWORKS.`,
    );
  return allowed;
};
