import { DEFAULT_HOOKS, hooksOf } from './hooks.js';
import { DEFAULT_SETTINGS as SETTINGS } from './settings.js';

const names = (list: string): string[] => hooksOf(list, SETTINGS).map(({ name }) => name);

describe('the list of hooks (contract introspection §7)', () => {
  it('the default', () => {
    expect(names(DEFAULT_HOOKS)).toEqual([
      ...['ramdisk_error', 'root_disk_selection', 'scheduler', 'validate_interfaces', 'capabilities', 'pci_devices'],
    ]);
  });
  it('every hook there is, in an order of one’s own', () => {
    const all =
      'example,accelerators,raid_device,physnet_cidr_map,lldp_basic,local_link_connection,extra_hardware,' +
      'pci_devices,capabilities,validate_interfaces,root_disk_selection,scheduler,ramdisk_error';
    expect(names(all).join()).toBe(all);
    expect(names(' ramdisk_error , scheduler,')).toEqual(['ramdisk_error', 'scheduler']);
    expect(names('')).toEqual([]);
  });
  it.each([
    ['ramdisk_error,nope', /no processing hook "nope"/],
    ['__proto__', /no processing hook/],
    ['scheduler,scheduler', /stands twice/],
    ['local_link_connection', /needs "lldp_basic" before it/],
    ['local_link_connection,lldp_basic', /needs "lldp_basic" before it/],
    ['scheduler,root_disk_selection', /has to stand before "scheduler"/],
  ])('the service does not start with %s', (list, text) => {
    expect(() => hooksOf(list, SETTINGS)).toThrow(text);
  });
  it('nor with ports that are kept by being added, where none is', () => {
    expect(() => hooksOf(DEFAULT_HOOKS, { ...SETTINGS, addPorts: 'disabled', keepPorts: 'added' })).toThrow(
      /keep_ports/,
    );
    expect(() => hooksOf(DEFAULT_HOOKS, { ...SETTINGS, addPorts: 'disabled' })).not.toThrow();
  });
});
