import { lookup, type LookupAddress } from 'node:dns';
import { isIP, type BlockList, type LookupFunction } from 'node:net';
import { isPublicAddress } from './public-addresses.js';

// Requests on behalf of users (webhooks, imports) must not reach what only this installation reaches: its services, its
// database, a cloud's metadata.

/** Whether an address is one of the public internet, or of a network that is allowed all the same. */
export const isOutside = (address: string, allowed?: BlockList): boolean => {
  const family = isIP(address);
  if (family === 0) return false;
  return (allowed?.check(address, family === 4 ? 'ipv4' : 'ipv6') ?? false) || isPublicAddress(address);
};

/** Of the ports below 1024 those of the web: others belong to services that one could talk to by a request. */
export const isWebPort = (port: string): boolean =>
  port === '' || port === '80' || port === '443' || Number(port) > 1023;
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
