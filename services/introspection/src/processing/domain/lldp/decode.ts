import { objectOf, valueAt, type Json, type JsonObject } from '../../../values.js';
import { chassisId, networkAddress, portId } from './addresses.js';
import { readIeee8021, readIeee8023 } from './organisation.js';
import { TlvReader } from './read.js';
import type { Said } from './said.js';

/** A TLV as the agent reports it: its type, and its value in hexadecimal. */
export interface Tlv {
  type: number;
  value: Buffer;
}
/** More than any frame holds. */
const MOST_TLVS = 1000;
/** Every TLV of the kind adds to these. */
const LISTS: ReadonlySet<string> = new Set([
  'switch_mgmt_addresses',
  'switch_port_protocol_vlan_ids',
  'switch_port_vlans',
  'switch_protocol_identities',
]);

const CAPABILITIES = [
  'Repeater',
  'Bridge',
  'WLAN',
  'Router',
  'Telephone',
  'DOCSIS cable device',
  'Station only',
  'C-Vlan',
  'S-Vlan',
  'TPMR',
];
/** Bit 1 is the first name; bit 0 is "other", which has none. */
const named = (bits: number): string[] => CAPABILITIES.filter((_name, i) => bits & (1 << (i + 1)));
const capabilities = (from: TlvReader): Said => {
  if (from.left !== 4) throw new RangeError('capabilities are four octets');
  return { switch_capabilities_support: named(from.word()), switch_capabilities_enabled: named(from.word()) };
};
const managementAddress = (from: TlvReader): Said => {
  from.byte(); // the length of what follows, which its family says as well
  const address = networkAddress(from);
  return { switch_mgmt_addresses: address === undefined ? undefined : [address] };
};
const OUI_8021 = '0080c2';
const OUI_8023 = '00120f';
const organisation = (from: TlvReader): Said => {
  const oui = from.hex(3);
  const subtype = from.byte();
  if (oui === OUI_8021) return readIeee8021(subtype, from);
  return oui === OUI_8023 ? readIeee8023(subtype, from) : {};
};
const READERS: Readonly<Record<number, (from: TlvReader) => Said>> = {
  1: (from) => ({ switch_chassis_id: chassisId(from) }),
  2: (from) => ({ switch_port_id: portId(from) }),
  4: (from) => ({ switch_port_description: from.text() }),
  5: (from) => ({ switch_system_name: from.text() }),
  6: (from) => ({ switch_system_description: from.text() }),
  7: capabilities,
  8: managementAddress,
  127: organisation,
};

/** TLVs as `[[type, "hex"], …]`; whatever is none is left out. */
export const tlvsOf = (value: Json | undefined): Tlv[] =>
  (Array.isArray(value) ? value.slice(0, MOST_TLVS) : []).flatMap((one) => {
    const [type, hex] = Array.isArray(one) ? one : [];
    const known = typeof type === 'number' && typeof hex === 'string' && hex.length % 2 === 0;
    return known && hex.length <= 2048 && /^[0-9a-fA-F]*$/.test(hex) ? [{ type, value: Buffer.from(hex, 'hex') }] : [];
  });
/** Those of an interface: newer agents report them apart from the inventory (contract §5). */
export const lldpOf = (data: JsonObject, name: string, inInventory: Json | undefined): Tlv[] => {
  const newer = valueAt(objectOf(data.lldp_raw), name);
  return tlvsOf(Array.isArray(newer) && newer.length > 0 ? newer : inInventory);
};

/**
 * What a switch says of itself (contract §7.2). The first value of a scalar counts, lists grow; a TLV that can not be
 * read is skipped.
 */
export const decodeLldp = (tlvs: readonly Tlv[], skipped: (what: string) => void): JsonObject => {
  const said: JsonObject = {};
  for (const { type, value } of tlvs) {
    let more: Said = {};
    try {
      more = READERS[type]?.(new TlvReader(value)) ?? {};
    } catch {
      skipped(`LLDP TLV ${type}`);
    }
    for (const [key, one] of Object.entries(more)) {
      if (one === undefined) continue;
      const there = said[key];
      if (LISTS.has(key) && Array.isArray(there) && Array.isArray(one)) there.push(...one);
      else if (there === undefined) said[key] = one;
    }
  }
  return said;
};
