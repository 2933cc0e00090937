import { HOSTILE, machineWith, report } from '../../../test/machine.js';
import type { Json, JsonObject } from '../../values.js';
import { DEFAULT_HOOKS, hooksOf } from './hooks.js';
import { Unusable } from './hook.js';
import { beforeLookUp, processMachine } from './process.js';
import { DEFAULT_SETTINGS } from './settings.js';

const EVERY =
  'ramdisk_error,root_disk_selection,scheduler,validate_interfaces,capabilities,pci_devices,extra_hardware,' +
  'lldp_basic,local_link_connection,physnet_cidr_map,raid_device,accelerators,example';
const settings = {
  ...DEFAULT_SETTINGS,
  bootMode: true,
  addPorts: 'all' as const,
  keepPorts: 'added' as const,
  pciAliases: [{ vendor_id: '8086', product_id: '10fb', name: 'igb' }],
  physicalNetworks: [{ cidr: '1.0.0.0/8', name: 'one' }],
};

it('the report of the contract, by the default hooks (§5.1)', () => {
  const hooks = hooksOf(DEFAULT_HOOKS, DEFAULT_SETTINGS);
  const [data, machine] = [report(), machineWith()];
  expect(beforeLookUp(hooks, data, DEFAULT_SETTINGS)).toEqual([]);
  expect(processMachine(hooks, { data, machine, settings: DEFAULT_SETTINGS })).toEqual({ skipped: [] });
  expect(machine.node.properties).toEqual({ cpus: '4', cpu_arch: 'x86_64', memory_mb: '12288', local_gb: '999' });
  expect(machine.ports).toEqual([
    {
      ...{ address: '11:22:33:44:55:66', pxe_enabled: true, extra: {} },
      ...{ local_link_connection: {}, physical_network: null },
    },
  ]);
  const added = Object.keys(data).filter((key) => !Object.hasOwn(report(), key));
  expect(added.sort()).toEqual([
    ...['all_interfaces', 'cpu_arch', 'cpus', 'interfaces', 'ipmi_address', 'ipmi_v6address', 'local_gb', 'macs'],
    'memory_mb',
  ]);
});
it('with a hint and a second disk (§5.1)', () => {
  const hooks = hooksOf(DEFAULT_HOOKS, DEFAULT_SETTINGS);
  const data = report();
  const { disks } = data.inventory as { disks: Json[] } & JsonObject;
  disks.push({ name: '/dev/sdb', size: 20 * 2 ** 30 });
  const machine = machineWith({ root_device: { size: 20 } });
  beforeLookUp(hooks, data, DEFAULT_SETTINGS);
  processMachine(hooks, { data, machine, settings: DEFAULT_SETTINGS });
  expect(machine.node.properties.local_gb).toBe('19');
});
it('all that is wrong before the look-up is said', () => {
  const hooks = hooksOf(DEFAULT_HOOKS, DEFAULT_SETTINGS);
  const said = beforeLookUp(hooks, { error: 'no disk', inventory: {} }, DEFAULT_SETTINGS);
  expect(said).toEqual([expect.stringMatching(/no disk/), expect.stringMatching(/No interfaces/)]);
});

describe('a hostile report is refused or skipped, never more', () => {
  const hooks = hooksOf(EVERY, settings);
  /** @returns what is wrong, if anything; every other error fails the test */
  const outcome = (data: JsonObject): string => {
    const machine = machineWith({
      root_device: { size: '>= 1' },
      capabilities: 'a:1',
      skip_block_devices: [{ size: 3 }],
    });
    try {
      const said = beforeLookUp(hooks, data, settings);
      if (said.length === 0) processMachine(hooks, { data, machine, settings });
      return said.join('\n');
    } catch (err) {
      if (!(err instanceof Unusable)) throw err;
      return err.message;
    }
  };
  const full = (): JsonObject => ({
    ...report(),
    error: '',
    pci_devices: [{ vendor_id: '10de', product_id: '1eb8', bus: '0' }],
    data: [['a', 'b', 'c', 'd']],
    lldp_raw: { eth1: [[1, '04112233aabbcc']] },
    ipmi_address: '192.0.2.1',
  });
  const inventoryKeys = [
    'interfaces',
    'cpu',
    'memory',
    'disks',
    'bmc_address',
    'bmc_v6address',
    'boot',
    'system_vendor',
  ];
  const itemKeys = ['name', 'mac_address', 'ipv4_address', 'ipv6_address', 'client_id', 'lldp', 'size', 'serial'];
  it.each(Object.keys(full()))('in the place of %s', (key) => {
    for (const value of HOSTILE) {
      const data = { ...full(), [key]: structuredClone(value) as Json };
      expect(typeof outcome(data)).toBe('string');
    }
  });
  it.each(inventoryKeys)('in the place of inventory.%s', (key) => {
    for (const value of HOSTILE) {
      const data = full();
      (data.inventory as JsonObject)[key] = structuredClone(value) as Json;
      expect(typeof outcome(data)).toBe('string');
    }
  });
  it.each(itemKeys)('in the place of %s of interfaces and disks', (key) => {
    for (const value of HOSTILE) {
      const data = full();
      const { interfaces, disks } = data.inventory as { interfaces: JsonObject[]; disks: JsonObject[] } & JsonObject;
      for (const one of [...interfaces, ...disks]) one[key] = structuredClone(value) as Json;
      expect(typeof outcome(data)).toBe('string');
    }
  });
  it.each(['count', 'architecture', 'flags', 'physical_mb', 'current_boot_mode'])('in the place of %s', (key) => {
    for (const value of HOSTILE) {
      const data = full();
      for (const part of ['cpu', 'memory', 'boot']) {
        const inventory = data.inventory as JsonObject;
        inventory[part] = { ...(inventory[part] as JsonObject), [key]: structuredClone(value) as Json };
      }
      expect(typeof outcome(data)).toBe('string');
    }
  });
  it('ten thousand interfaces, and a hundred thousand TLVs, in seconds', () => {
    const lldp = Array.from({ length: 1000 }, () => [127, '0080c203006505766c616e31']);
    const data = full();
    (data.inventory as JsonObject).interfaces = Array.from({ length: 10_000 }, (_one, i) => ({
      ...{ name: `eth${i}`, ipv4_address: '10.0.0.1' },
      mac_address: `02:00:00:00:${(i >> 8).toString(16).padStart(2, '0')}:${(i & 255).toString(16).padStart(2, '0')}`,
      lldp: i < 100 ? lldp : [],
    }));
    const before = performance.now();
    expect(outcome(data)).toBe('');
    expect(performance.now() - before).toBeLessThan(15_000);
  });
});
