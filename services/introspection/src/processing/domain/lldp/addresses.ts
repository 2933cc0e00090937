import ipaddr from 'ipaddr.js';
import type { TlvReader } from './read.js';

/** Numbers of address families, as IANA has them. */
const IPV4 = 1;
const IPV6 = 2;
const MAC = 6;
/** A network address that begins with its family; of other families nothing. */
export const networkAddress = (from: TlvReader): string | undefined => {
  const family = from.byte();
  if (family === IPV4) return ipaddr.fromByteArray([...from.bytes(4)]).toString();
  if (family === IPV6) return ipaddr.fromByteArray([...from.bytes(16)]).toString();
  return family === MAC ? from.mac() : undefined;
};
const inText = (from: TlvReader): string => from.text();
type Read = (from: TlvReader) => string | undefined;
/** A chassis by the kind that its first octet names (contract §7.2, TLV 1). */
const CHASSIS: Readonly<Record<number, Read>> = {
  1: inText,
  2: inText,
  3: inText,
  4: (from) => from.mac(),
  5: networkAddress,
  6: inText,
  7: inText,
};
/** A port by the kind that its first octet names (TLV 2). */
const PORT: Readonly<Record<number, Read>> = {
  1: inText,
  2: inText,
  3: (from) => from.mac(),
  4: networkAddress,
  5: inText,
  7: inText,
};
export const chassisId: Read = (from) => CHASSIS[from.byte()]?.(from);
export const portId: Read = (from) => PORT[from.byte()]?.(from);
/** A chassis that is named by its MAC; only such a one is a switch id. */
export const chassisMac: Read = (from) => (from.byte() === 4 ? from.mac() : undefined);
