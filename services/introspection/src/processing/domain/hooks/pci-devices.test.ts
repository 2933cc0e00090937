import { machineWith, runHook } from '../../../../test/machine.js';
import { pciDevices } from './pci-devices.js';

const pciAliases = [
  { vendor_id: '8086', product_id: '10fb', name: 'igb' },
  { vendor_id: '10de', product_id: '1eb8', name: 'gpu' },
];
const nic = { vendor_id: '8086', product_id: '10FB' };
const counted = (pci_devices: unknown, before?: string): unknown => {
  const machine = machineWith(before === undefined ? {} : { capabilities: before });
  runHook(pciDevices, { pci_devices } as never, machine, { pciAliases });
  return machine.node.properties.capabilities;
};
it('devices of an alias are counted', () => {
  expect(counted([nic, nic, { vendor_id: '1', product_id: '2' }], 'a:1,igb:9')).toBe('a:1,igb:2');
});
it.each([undefined, null, 'x', {}, [null, 5, { vendor_id: 8086 }]])('none, no change: %j', (devices) => {
  expect(counted(devices)).toBeUndefined();
});
