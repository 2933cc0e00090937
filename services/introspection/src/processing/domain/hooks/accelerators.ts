import { setProperty } from '../../../nodes/domain/machine.js';
import { objectsOf } from '../../../values.js';
import type { Hook } from '../hook.js';

/** Known accelerators among the PCI devices become a property of the node (contract §7). */
export const accelerators: Hook = {
  name: 'accelerators',
  process: ({ data, machine, settings }) => {
    const found = objectsOf(data.pci_devices).flatMap(({ vendor_id: vendor, product_id: product, bus }) =>
      settings.accelerators
        .filter((known) => known.vendor_id === vendor && known.device_id === product)
        .map((known) => ({ ...known, pci_address: bus ?? null })),
    );
    if (found.length > 0) setProperty(machine, 'accelerators', found);
  },
};
