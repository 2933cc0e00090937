import { machineWith, runHook } from '../../../../test/machine.js';
import { capabilities } from './cpu-capabilities.js';

const capabilitiesOf = (inventory: unknown, before?: string, bootMode = false): unknown => {
  const machine = machineWith(before === undefined ? {} : { capabilities: before });
  runHook(capabilities, { inventory } as never, machine, { bootMode });
  return machine.node.properties.capabilities;
};
it.each([
  ['vmx', 'cpu_vt'],
  ['svm', 'cpu_vt'],
  ['aes', 'cpu_aes'],
  ['pse', 'cpu_hugepages'],
  ['pdpe1gb', 'cpu_hugepages_1g'],
  ['smx', 'cpu_txt'],
])('the flag %s is the capability %s', (flag, name) => {
  expect(capabilitiesOf({ cpu: { flags: ['fpu', flag] } })).toBe(`${name}:true`);
});
it('what is there stays', () => {
  expect(capabilitiesOf({ cpu: { flags: ['aes'] } }, 'a:1,b:x:y')).toBe('a:1,b:x:y,cpu_aes:true');
});
it('the boot mode is one when that is switched on', () => {
  const inventory = { boot: { current_boot_mode: 'uefi' } };
  expect(capabilitiesOf(inventory)).toBeUndefined();
  expect(capabilitiesOf(inventory, 'boot_mode:bios', true)).toBe('boot_mode:uefi');
  expect(capabilitiesOf({ boot: { current_boot_mode: 'uefi,admin:true' } }, undefined, true)).toBeUndefined();
});
it.each([undefined, null, 'x', {}, { cpu: null }, { cpu: { flags: 'vmx' } }, { cpu: { flags: [null, 5, {}, 'x'] } }])(
  'no flags, no change: %j',
  (inventory) => {
    expect(capabilitiesOf(inventory, 'a:1')).toBe('a:1');
  },
);
