import { BlockList, isIP } from 'node:net';

const family = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4');
export const LOOPBACK: readonly string[] = ['127.0.0.0/8', '::1'];

/**
 * Whether a socket's address is among the given addresses and CIDR ranges. IPv4 in IPv6 form counts as IPv4.
 * @throws TypeError for an entry that is neither
 */
export const peerFilter = (peers: readonly string[]): ((address: string | undefined) => boolean) => {
  const list = new BlockList();
  for (const peer of peers) {
    const [address = '', bits] = peer.split('/');
    if (!isIP(address) || (bits !== undefined && !/^\d{1,3}$/.test(bits)))
      throw new TypeError(`not an address or CIDR range: ${peer}`);
    if (bits === undefined) list.addAddress(address, family(address));
    else list.addSubnet(address, Number(bits), family(address));
  }
  return (address) => {
    const plain = address?.replace(/^::ffff:(?=\d+\.)/i, '');
    return plain !== undefined && isIP(plain) !== 0 && list.check(plain, family(plain));
  };
};
