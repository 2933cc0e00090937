import { setProperty } from '../../../nodes/domain/machine.js';
import { isObject, objectOf, objectsOf, shown, type JsonObject } from '../../../values.js';
import { Unusable, type Hook, type Processing } from '../hook.js';
import { GIB, readHints, sizeOf } from '../root-device-hints.js';

/** The disk that the node's hints name; those that they leave out vanish from the inventory. */
const chosen = ({ data, machine: { node } }: Processing): JsonObject | undefined => {
  const { root_device: hints, skip_block_devices: left } = node.properties;
  if (!isObject(hints) || Object.keys(hints).length === 0) return isObject(data.root_disk) ? data.root_disk : undefined;
  const inventory = objectOf(data.inventory);
  let disks = objectsOf(inventory.disks);
  if (disks.length === 0)
    throw new Unusable('No disks are in the hardware inventory, and the node has root device hints');
  if (Array.isArray(left)) {
    const out = left.map((one) => readHints(one));
    disks = disks.filter((disk) => !out.some((matches) => matches(disk)));
    inventory.disks = disks;
  }
  const disk = disks.find(readHints(hints));
  if (!disk) throw new Unusable(`No disks satisfied root device hints: ${shown(hints)}`);
  data.root_disk = disk;
  return disk;
};

/** The root disk, and how much of it is there for a system (contract §7). */
export const rootDiskSelection: Hook = {
  name: 'root_disk_selection',
  before: ['scheduler'],
  process: (of) => {
    const { data, machine, settings } = of;
    const size = sizeOf(chosen(of)?.size) ?? 0;
    let gib = size > 0 ? Math.floor(size / GIB) : 0;
    if (settings.diskPartitioningSpacing && gib > 0) gib -= 1;
    data.local_gb = gib;
    if (settings.overwriteExisting || !machine.node.properties.local_gb) setProperty(machine, 'local_gb', String(gib));
  },
};
