import { machineWith, report, runHook } from '../../../../test/machine.js';
import { objectOf, type JsonObject } from '../../../values.js';
import { Unusable } from '../hook.js';
import { rootDiskSelection } from './root-disk-selection.js';

const GIB = 2 ** 30;
const disks = (...sizes: unknown[]): JsonObject =>
  ({ inventory: { disks: sizes.map((size, i) => ({ name: `/dev/sd${'abc'[i]}`, size })) } }) as never;

it('without hints the disk of the ramdisk counts, less one GiB', () => {
  const data = report();
  const machine = machineWith();
  runHook(rootDiskSelection, data, machine);
  expect([data.local_gb, machine.node.properties.local_gb]).toEqual([999, '999']);
});
it('the sample of the contract: 13 GiB are 12', () => {
  const data = { root_disk: { size: 13958643712 } };
  runHook(rootDiskSelection, data);
  expect(data).toMatchObject({ local_gb: 12 });
});
it('the GiB stays when no room is left', () => {
  const data = report();
  runHook(rootDiskSelection, data, machineWith(), { diskPartitioningSpacing: false });
  expect(data.local_gb).toBe(1000);
});
it.each([
  [undefined, 0],
  [null, 0],
  [0, 0],
  [-5, 0],
  ['x', 0],
  [true, 0],
  [GIB - 1, 0],
  [GIB, 0],
  [3 * GIB, 2],
  [String(3 * GIB), 2],
])('a root disk of size %p: %p', (size, expected) => {
  const data = { root_disk: { size } } as never as JsonObject;
  const machine = machineWith();
  runHook(rootDiskSelection, data, machine);
  expect([data.local_gb, machine.node.properties.local_gb]).toEqual([expected, String(expected)]);
});
it('no disks and no root disk: "0"', () => {
  const machine = machineWith();
  runHook(rootDiskSelection, { inventory: {} }, machine);
  expect(machine.node.properties.local_gb).toBe('0');
});
it('hints choose the first disk that meets all', () => {
  const data = { ...disks(1000 * GIB, 20 * GIB, 20 * GIB), root_disk: { name: '/dev/sda', size: 1000 * GIB } };
  const machine = machineWith({ root_device: { size: 20 } });
  runHook(rootDiskSelection, data, machine);
  expect(data.root_disk.name).toBe('/dev/sdb');
  expect(machine.node.properties.local_gb).toBe('19');
});
it('disks to be skipped vanish, also from the inventory', () => {
  const data = disks(20 * GIB, 20 * GIB);
  const properties = { root_device: { size: 20 }, skip_block_devices: [{ name: '/dev/sda' }] };
  runHook(rootDiskSelection, data, machineWith(properties));
  expect(data.root_disk).toEqual({ name: '/dev/sdb', size: 20 * GIB });
  expect(objectOf(data.inventory).disks).toHaveLength(1);
});
it.each([
  ['no disk', disks(), { size: 20 }, /No disks/],
  ['none that fits', disks(GIB), { size: 20 }, /No disks satisfied root device hints/],
  ['a hint that is unknown', disks(GIB), { color: 'red' }, /"color" is unknown/],
  ['a hint that is none', disks(GIB), { size: 'x' }, /"size" has a value/],
])('hints, and %s: the run fails', (_what, data, root_device, text) => {
  const run = () => runHook(rootDiskSelection, data, machineWith({ root_device: root_device as never }));
  expect(run).toThrow(Unusable);
  expect(run).toThrow(text);
});
it('a value that is there stays where nothing is replaced', () => {
  const machine = machineWith({ local_gb: '5' });
  runHook(rootDiskSelection, report(), machine, { overwriteExisting: false });
  expect(machine.node.properties.local_gb).toBe('5');
});
