import type { JsonObject } from '../../../values.js';
import { machineWith, runHook } from '../../../../test/machine.js';
import { raidDevice } from './raid-device.js';

const disks = (...serials: unknown[]) => ({ inventory: { disks: serials.map((serial) => ({ serial })) } }) as never;
it('local_gb is 1 unless it is known', () => {
  const data: JsonObject = { inventory: {} };
  runHook(raidDevice, data);
  expect(data.local_gb).toBe(1);
  const known = { local_gb: 7 };
  runHook(raidDevice, known);
  expect(known.local_gb).toBe(7);
});
it('the one new disk of the second run becomes the root device', () => {
  const machine = machineWith();
  runHook(raidDevice, disks('a', 'b', '', null, 5), machine);
  expect(machine.node.extra).toEqual({ block_devices: { serials: ['a', 'b'] } });
  runHook(raidDevice, disks('a', 'c'), machine);
  expect(machine.node.extra).toEqual({});
  expect(machine.node.properties).toEqual({ root_device: { serial: 'c' } });
});
it.each([
  ['none', disks('a')],
  ['two', disks('a', 'b', 'c')],
])('%s is not one', (_count, data) => {
  const machine = machineWith({}, { extra: { block_devices: { serials: ['a'] } } });
  runHook(raidDevice, data, machine);
  expect(machine.node.properties).toEqual({});
  expect(machine.node.extra).toEqual({ block_devices: { serials: ['a'] } });
});
it('a root device that is set stays', () => {
  const machine = machineWith({ root_device: { size: 5 } });
  runHook(raidDevice, disks('a'), machine);
  expect(machine.node.extra).toEqual({});
});
it('what people put in its place is replaced', () => {
  const machine = machineWith({}, { extra: { block_devices: 'x' } });
  runHook(raidDevice, disks('a'), machine);
  expect(machine.node.extra).toEqual({ block_devices: { serials: ['a'] } });
});
