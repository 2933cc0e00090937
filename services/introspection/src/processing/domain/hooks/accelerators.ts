import { setProperty } from '../../../nodes/domain/machine.js';
import { objectsOf, textOf } from '../../../values.js';
import type { Hook } from '../hook.js';

/** More than any machine has. */
const MOST = 1000;

/** Known accelerators among the PCI devices become a property of the node (contract §7). */
export const accelerators: Hook = {
  name: 'accelerators',
  process: ({ data, machine, settings }) => {
    const found = objectsOf(data.pci_devices).flatMap(({ vendor_id: vendor, product_id: product, bus }) =>
      settings.accelerators
        .filter((known) => known.vendor_id === vendor && known.device_id === product)
        .map((known) => ({ ...known, pci_address: textOf(bus) ?? null })),
    );
    found.splice(MOST);
    if (found.length > 0) setProperty(machine, 'accelerators', found);
  },
};
