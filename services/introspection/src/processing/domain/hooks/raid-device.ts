import { setProperty } from '../../../nodes/domain/machine.js';
import { isObject, objectOf, objectsOf, textOf } from '../../../values.js';
import type { Hook } from '../hook.js';

/** More disks than a machine has. */
const MOST = 1000;

/** The disk that a RAID controller made between two runs becomes the root disk (contract §7). */
export const raidDevice: Hook = {
  name: 'raid_device',
  read: (data) => {
    if (data.local_gb === undefined) data.local_gb = 1;
  },
  process: ({ data, machine: { node }, machine, skipped }) => {
    if (node.properties.root_device) return;
    const serials = objectsOf(objectOf(data.inventory).disks)
      .map(({ serial }) => textOf(serial))
      .filter((serial) => serial !== undefined)
      .slice(0, MOST);
    const before = objectOf(node.extra.block_devices).serials;
    if (!isObject(node.extra.block_devices) || !Array.isArray(before)) {
      node.extra.block_devices = { serials };
      return;
    }
    const known = new Set(before);
    const fresh = serials.filter((serial) => !known.has(serial));
    if (fresh.length !== 1) {
      if (fresh.length > 1) skipped('root_device');
      return;
    }
    delete node.extra.block_devices;
    setProperty(machine, 'root_device', { serial: fresh[0] as string });
  },
};
