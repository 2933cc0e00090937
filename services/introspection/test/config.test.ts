import { ConfigError } from '@nefos/service-kit';
import { readIntrospectionConfig } from '../src/config.js';
import { DEFAULT_SETTINGS } from '../src/processing/domain/settings.js';
import { processingOf } from '../src/processing-settings.js';

const read = (env: Record<string, string>) =>
  readIntrospectionConfig({
    NEFOS_INTROSPECTION_DATABASE_URL: 'postgres://u@127.0.0.1/introspection',
    NEFOS_INTROSPECTION_TOKEN: 'component-token-of-introspection',
    NEFOS_SECRET_KEYS: Buffer.alloc(32, 7).toString('base64'),
    ...env,
  });
const prefixed = (env: Record<string, string>) =>
  Object.fromEntries(Object.entries(env).map(([name, value]) => [`NEFOS_INTROSPECTION_${name}`, value]));
const processing = (env: Record<string, string>) => processingOf(read(prefixed(env)));

describe('how reports are processed (contract introspection §7, §14)', () => {
  it('by itself as the original does', () => {
    expect(processing({})).toEqual({
      hooks: 'ramdisk_error,root_disk_selection,scheduler,validate_interfaces,capabilities,pci_devices',
      settings: DEFAULT_SETTINGS,
    });
  });
  it('every setting counts', () => {
    const { hooks, settings } = processing({
      HOOKS: 'validate_interfaces,lldp_basic,local_link_connection',
      ADD_PORTS: 'all',
      KEEP_PORTS: 'present',
      OVERWRITE_EXISTING: 'no',
      UPDATE_PXE_ENABLED: 'no',
      DISK_PARTITIONING_SPACING: 'no',
      BOOT_MODE: 'yes',
      EXTRA_HARDWARE_STRICT: 'yes',
      PCI_ALIASES: '[{"vendor_id":"0x8086","product_id":"10FB","name":"igb"}]',
      PHYSICAL_NETWORKS: '10.1.0.0/16:one, 2001:db8::/32:six',
      ACCELERATORS: '[{"vendor_id":"8086","device_id":"09c4","type":"FPGA","device_info":"a card"}]',
    });
    expect(hooks).toBe('validate_interfaces,lldp_basic,local_link_connection');
    expect(settings).toEqual({
      ...{ addPorts: 'all', keepPorts: 'present', overwriteExisting: false, updatePxeEnabled: false },
      ...{ diskPartitioningSpacing: false, bootMode: true, extraHardwareStrict: true },
      pciAliases: [{ vendor_id: '8086', product_id: '10fb', name: 'igb' }],
      physicalNetworks: [
        { cidr: '10.1.0.0/16', name: 'one' },
        { cidr: '2001:db8::/32', name: 'six' },
      ],
      accelerators: [
        ...DEFAULT_SETTINGS.accelerators,
        { vendor_id: '8086', device_id: '09c4', type: 'FPGA', device_info: 'a card' },
      ],
    });
  });
  it.each([
    ['HOOKS', 'ramdisk_error,nope', /no processing hook "nope"/],
    ['HOOKS', 'local_link_connection,lldp_basic', /needs "lldp_basic" before it/],
    ['HOOKS', 'scheduler,root_disk_selection', /has to stand before/],
    ['ADD_PORTS', 'some', /ADD_PORTS/],
    ['PCI_ALIASES', 'x', /PCI_ALIASES: a JSON list/],
    ['PCI_ALIASES', '[{"vendor_id":"8086","product_id":"10fb","name":"a:b"}]', /without commas and colons/],
    ['PCI_ALIASES', '[{"vendor_id":"80861","product_id":"10fb","name":"a"}]', /four hexadecimal digits/],
    ['PHYSICAL_NETWORKS', '10.1.0.0/99:one', /is not of the form/],
    ['PHYSICAL_NETWORKS', '10.1.0.0/16', /is not of the form/],
    ['ACCELERATORS', '[{"vendor_id":"8086"}]', /ACCELERATORS/],
  ])('the service does not start with %s=%s', (name, value, text) => {
    expect(() => read(prefixed({ [name]: value }))).toThrow(ConfigError);
    expect(() => read(prefixed({ [name]: value }))).toThrow(text);
  });
  it('nor with ports that are kept by being added, where none is', () => {
    expect(() => read(prefixed({ ADD_PORTS: 'disabled', KEEP_PORTS: 'added' }))).toThrow(/keep_ports/);
  });
});
