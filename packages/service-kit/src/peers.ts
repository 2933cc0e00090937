import type http from 'node:http';
import { BlockList, isIP } from 'node:net';

/** Addresses and CIDR ranges, comma-separated. @throws on anything else */
export const parsePeers = (text: string): BlockList => {
  const list = new BlockList();
  for (const one of text
    .split(',')
    .map((s) => s.trim())
    .filter(Boolean)) {
    const [address = '', bits] = one.split('/');
    const family = isIP(address);
    if (!family || (bits !== undefined && !/^\d{1,3}$/.test(bits))) throw new Error(`${one} is no address`);
    if (bits === undefined) list.addAddress(address, family === 6 ? 'ipv6' : 'ipv4');
    else list.addSubnet(address, Number(bits), family === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
};
const plainAddress = (address: string): string => address.replace(/^::ffff:/, '');
export const isTrustedPeer = (trusted: BlockList, address = ''): boolean => {
  const family = isIP(plainAddress(address));
  return family !== 0 && trusted.check(plainAddress(address), family === 6 ? 'ipv6' : 'ipv4');
};
/**
 * The client's address: of those in X-Forwarded-For, read from the end, the first that is no trusted proxy. From
 * other peers the header is ignored.
 */
export const clientAddress = (req: http.IncomingMessage, trusted: BlockList): string => {
  const peer = plainAddress(req.socket.remoteAddress ?? '');
  const forwarded = [req.headers['x-forwarded-for'] ?? []]
    .flat()
    .join(',')
    .split(',')
    .map((s) => plainAddress(s.trim()))
    .filter((s) => isIP(s));
  let at = peer;
  for (let i = forwarded.length - 1; i >= 0 && isTrustedPeer(trusted, at); i -= 1) at = forwarded[i] as string;
  return at;
};
