import { setProperty } from '../../../nodes/domain/machine.js';
import { objectsOf, textOf } from '../../../values.js';
import { formatCapabilities, parseCapabilities } from '../capabilities.js';
import type { Hook } from '../hook.js';

/** Devices of the configured kinds are counted; `igb:2` becomes a capability (contract §7). */
export const pciDevices: Hook = {
  name: 'pci_devices',
  process: ({ data, machine, settings: { pciAliases } }) => {
    const counts = new Map<string, number>();
    for (const device of objectsOf(data.pci_devices)) {
      const vendor = textOf(device.vendor_id)?.toLowerCase();
      const product = textOf(device.product_id)?.toLowerCase();
      for (const alias of pciAliases)
        if (alias.vendor_id === vendor && alias.product_id === product)
          counts.set(alias.name, (counts.get(alias.name) ?? 0) + 1);
    }
    if (counts.size === 0) return;
    const all = parseCapabilities(machine.node.properties.capabilities);
    for (const [name, count] of counts) all.set(name, String(count));
    setProperty(machine, 'capabilities', formatCapabilities(all));
  },
};
