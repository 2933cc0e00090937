import { machineWith, runHook } from '../../../../test/machine.js';
import { accelerators } from './accelerators.js';

const found = (pci_devices: unknown): unknown => {
  const machine = machineWith();
  runHook(accelerators, { pci_devices } as never, machine);
  return machine.node.properties.accelerators;
};
it('devices that are known', () => {
  const devices = [
    { vendor_id: '10de', product_id: '1eb8', bus: '0000:82:00.0' },
    { vendor_id: '10de', product_id: '1df6', bus: 5 },
    { vendor_id: '10de', product_id: '0000' },
  ];
  expect(found(devices)).toEqual([
    {
      ...{ vendor_id: '10de', device_id: '1eb8', type: 'GPU', device_info: 'NVIDIA Corporation Tesla T4' },
      pci_address: '0000:82:00.0',
    },
    {
      ...{ vendor_id: '10de', device_id: '1df6', type: 'GPU', device_info: 'NVIDIA Corporation GV100GL' },
      pci_address: null,
    },
  ]);
});
it.each([undefined, 'x', [null, 'x', {}]])('none: %j', (devices) => {
  expect(found(devices)).toBeUndefined();
});
