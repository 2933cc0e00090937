import { setProperty } from '../../../nodes/domain/machine.js';
import { isObject, objectOf, objectsOf } from '../../../values.js';
import type { Hook } from '../hook.js';

/** The disk that a RAID controller made between two runs becomes the root disk (contract §7). */
export const raidDevice: Hook = {
  name: 'raid_device',
  before: (data) => {
    if (data.local_gb === undefined) data.local_gb = 1;
  },
  process: ({ data, machine: { node }, machine, skipped }) => {
    if (node.properties.root_device) return;
    const serials = objectsOf(objectOf(data.inventory).disks)
      .map(({ serial }) => serial)
      .filter((serial): serial is string => typeof serial === 'string' && serial !== '');
    const before = objectOf(node.extra.block_devices).serials;
    if (!isObject(node.extra.block_devices) || !Array.isArray(before)) {
      node.extra.block_devices = { serials };
      return;
    }
    const fresh = serials.filter((serial) => !before.includes(serial));
    if (fresh.length !== 1) {
      if (fresh.length > 1) skipped('root_device');
      return;
    }
    delete node.extra.block_devices;
    setProperty(machine, 'root_device', { serial: fresh[0] as string });
  },
};
