import { macOf } from '../../addresses.js';
import { objectOf, setKey, textOf, type Json, type JsonObject } from '../../values.js';
import type { Reader } from './reader.js';
import type { Resource } from './session.js';

const ADAPTERS = 8;
const hex = (text: string): string => Buffer.from(text.slice(0, 255), 'utf8').toString('hex');
/** An id of a chassis or port: a MAC address under `macSubtype`, else text that is assigned locally (7). */
const idTlv = (type: number, value: Json | undefined, macSubtype: string): Json[] => {
  const text = textOf(value);
  if (text === undefined) return [];
  const mac = macOf(text);
  return [[type, mac === undefined ? `07${hex(text)}` : `${macSubtype}${mac.replaceAll(':', '')}`]];
};
const textTlv = (type: number, value: Json | undefined): Json[] => {
  const text = textOf(value);
  return text === undefined ? [] : [[type, hex(text)]];
};
const tlvsOf = (received: JsonObject): Json[] => [
  ...idTlv(1, received.ChassisId, '04'),
  ...idTlv(2, received.PortId, '03'),
  ...textTlv(5, received.SystemName),
  ...textTlv(6, received.SystemDescription),
];

/**
 * What the ports of the network adapters have heard of their switches (`Port.Ethernet.LLDPReceive`), as a ramdisk sends
 * it: by interface, as LLDP's own type-length-values, so that the same hooks read it.
 */
export const lldpOf = async (reader: Reader, { body }: Resource, interfaces: JsonObject[]): Promise<JsonObject> => {
  const found: JsonObject = {};
  const chassis = objectOf(body.Links).Chassis;
  for (const holder of await reader.members(chassis, 1))
    for (const adapter of await reader.members(holder.NetworkAdapters, ADAPTERS))
      for (const port of await reader.members(adapter.Ports ?? adapter.NetworkPorts, ADAPTERS)) {
        const ethernet = objectOf(port.Ethernet);
        const macs = Array.isArray(ethernet.AssociatedMACAddresses) ? ethernet.AssociatedMACAddresses.map(macOf) : [];
        const own = interfaces.find(({ mac_address: mac }) => macs.includes(textOf(mac)));
        const tlvs = tlvsOf(objectOf(ethernet.LLDPReceive));
        const name = textOf(own?.name);
        if (name !== undefined && tlvs.length) setKey(found, name, tlvs);
      }
  return found;
};
