import { macOf } from '../../../addresses.js';
import { isInUse, type MachinePort } from '../../../nodes/domain/machine.js';
import { isObject, objectOf, textOf, type Json, type JsonObject } from '../../../values.js';
import type { Hook, Processing } from '../hook.js';
import { inventoryOf, readInterfaces, suitable } from './interfaces.js';

interface Interface {
  mac: string;
  pxe: boolean;
  client_id: string | null;
}
const interfacesIn = (value: unknown): Interface[] => Object.values(objectOf(value as JsonObject)) as never;

const newPort = ({ mac, pxe, client_id: clientId }: Interface, fixPxe: boolean): MachinePort => ({
  address: mac,
  pxe_enabled: fixPxe ? pxe : true,
  extra: clientId === null ? {} : { 'client-id': clientId },
  local_link_connection: {},
  physical_network: null,
});
const kept = ({ data, settings: { keepPorts } }: Processing): ((mac: string) => boolean) => {
  if (keepPorts === 'all') return () => true;
  const macs = keepPorts === 'present' ? interfacesIn(data.all_interfaces).map(({ mac }) => mac) : data.macs;
  const known = new Set(macs as string[]);
  return (mac) => known.has(mac);
};

/** The address of a BMC as the ramdisk writes it; null where it knows none. */
const addressOf = (value: Json | undefined, none: string): string | null => {
  const text = textOf(value);
  return text === undefined || text === none ? null : text;
};

/** Interfaces, BMC addresses, and ports (contract §7, §7.1). */
export const validateInterfaces: Hook = {
  name: 'validate_interfaces',
  read: (data, settings) => {
    const inventory = isObject(data.inventory) ? data.inventory : {};
    data.ipmi_address = addressOf(inventory.bmc_address ?? data.ipmi_address, '0.0.0.0');
    data.ipmi_v6address = addressOf(inventory.bmc_v6address ?? data.ipmi_v6address, '::/0');
    inventoryOf(data);
    const all = readInterfaces(data);
    data.all_interfaces = all;
    const ports = suitable(all, data, settings);
    data.interfaces = ports;
    data.macs = interfacesIn(ports).map(({ mac }) => mac);
  },
  process: (of) => {
    const { data, machine, settings } = of;
    const { addPorts, updatePxeEnabled, overwriteExisting } = settings;
    const byMac = new Map(machine.ports.map((port) => [macOf(port.address) ?? port.address, port]));
    if (addPorts !== 'disabled')
      for (const one of interfacesIn(data.interfaces))
        if (!byMac.has(one.mac)) {
          const port = newPort(one, updatePxeEnabled);
          byMac.set(one.mac, port);
          machine.ports.push(port);
        }
    if (isInUse(machine)) return;
    const stays = kept(of);
    machine.ports = machine.ports.filter(({ address }) => stays(macOf(address) ?? address));
    if (!updatePxeEnabled || !overwriteExisting) return;
    const booted = new Map(interfacesIn(data.all_interfaces).map(({ mac, pxe }) => [mac, pxe]));
    for (const port of machine.ports) port.pxe_enabled = booted.get(macOf(port.address) ?? '') ?? false;
  },
};
