import { MAU_TYPES, PHYSICAL_CAPABILITIES } from './mau-types.js';
import type { TlvReader } from './read.js';
import type { Said } from './said.js';

const bit = (bits: number, at: number): boolean => (bits & (1 << at)) !== 0;
const linkAggregation = (from: TlvReader): Said => {
  const status = from.byte();
  return {
    switch_port_link_aggregation_support: bit(status, 0),
    switch_port_link_aggregation_enabled: bit(status, 1),
    switch_port_link_aggregation_id: from.long(),
  };
};
const protocolVlan = (from: TlvReader): Said => {
  const flags = from.byte();
  return {
    switch_port_protocol_vlan_support: bit(flags, 1),
    switch_port_protocol_vlan_enabled: bit(flags, 2),
    switch_port_protocol_vlan_ids: [from.word()],
  };
};
const vlan = (from: TlvReader): Said => {
  const id = from.word();
  return { switch_port_vlans: [{ name: from.text(from.byte()), id }] };
};
const IEEE_8021: Readonly<Record<number, (from: TlvReader) => Said>> = {
  1: (from) => ({ switch_port_untagged_vlan_id: from.word() }),
  2: protocolVlan,
  3: vlan,
  4: (from) => ({ switch_protocol_identities: [from.hex(from.byte())] }),
  6: (from) => ({ switch_port_management_vlan_id: from.word() }),
  7: linkAggregation,
};
/** @throws RangeError for a number that names none */
const mauType = (number: number): string => {
  const name = MAU_TYPES[number];
  if (name === undefined) throw new RangeError('an unknown medium');
  return name;
};
const physical = (from: TlvReader): Said => {
  const status = from.byte();
  const bits = from.word();
  return {
    switch_port_autonegotiation_support: bit(status, 0),
    switch_port_autonegotiation_enabled: bit(status, 1),
    switch_port_physical_capabilities: PHYSICAL_CAPABILITIES.filter((_name, i) => bit(bits, i)).sort(),
    switch_port_mau_type: mauType(from.word()),
  };
};
const IEEE_8023: Readonly<Record<number, (from: TlvReader) => Said>> = {
  1: physical,
  3: linkAggregation,
  4: (from) => ({ switch_port_mtu: from.word() }),
};
/** TLVs of IEEE 802.1, OUI 00-80-c2 (contract §7.2). */
export const readIeee8021 = (subtype: number, from: TlvReader): Said => IEEE_8021[subtype]?.(from) ?? {};
/** TLVs of IEEE 802.3, OUI 00-12-0f. */
export const readIeee8023 = (subtype: number, from: TlvReader): Said => IEEE_8023[subtype]?.(from) ?? {};
