import { bootMacOf, ipOf, isLoopback, macOf } from '../../../addresses.js';
import { isObject, objectOf, setKey, textOf, type Json, type JsonObject } from '../../../values.js';
import { Unusable } from '../hook.js';
import type { ProcessingSettings } from '../settings.js';

/** More than any machine has; a report of more is cut there. */
const MOST_INTERFACES = 10_000;

/** @throws Unusable without an inventory, or without interfaces in it */
export const inventoryOf = (data: JsonObject): JsonObject => {
  const { inventory } = data;
  if (!isObject(inventory)) throw new Unusable('Hardware inventory is empty or missing');
  if (!Array.isArray(inventory.interfaces) || inventory.interfaces.length === 0)
    throw new Unusable('No interfaces are in the hardware inventory: "interfaces" is empty or missing');
  return inventory;
};
/** Interfaces by name: those that have a name and a valid MAC (contract §7, validate_interfaces). */
export const readInterfaces = (data: JsonObject): JsonObject => {
  const bootMac = bootMacOf(data.boot_interface);
  const found: JsonObject = {};
  for (const one of (inventoryOf(data).interfaces as Json[]).slice(0, MOST_INTERFACES)) {
    const { name, mac_address: address, ipv4_address: v4, ipv6_address: v6, client_id: clientId } = objectOf(one);
    const mac = macOf(address);
    if (textOf(name) === undefined || mac === undefined) continue;
    const ip = ipOf(v4) ?? ipOf(v6) ?? null;
    setKey(found, name as string, { ip, mac, client_id: textOf(clientId) ?? null, pxe: mac === bootMac });
  }
  return found;
};
/** Those that become ports, and whose MACs are `macs` (contract §7.1). @throws Unusable when there is none */
export const suitable = (all: JsonObject, data: JsonObject, { addPorts }: ProcessingSettings): JsonObject => {
  if (Object.keys(all).length === 0) throw new Unusable('No valid interfaces are in the hardware inventory');
  const booted = bootMacOf(data.boot_interface) !== undefined;
  const found: JsonObject = {};
  for (const [name, one] of Object.entries(all)) {
    const { ip, pxe } = one as { ip: string | null; pxe: boolean };
    if (name === 'lo' || (ip !== null && isLoopback(ip))) continue;
    if (addPorts === 'pxe' && booted && !pxe) continue;
    if (addPorts !== 'all' && ip === null) continue;
    setKey(found, name, one);
  }
  if (Object.keys(found).length === 0)
    throw new Unusable(
      `No suitable interfaces among ${Object.keys(all).slice(0, 20).join(', ')}: add_ports is ${addPorts}`,
    );
  return found;
};
