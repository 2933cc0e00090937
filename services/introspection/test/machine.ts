import type { Machine } from '../src/nodes/domain/machine.js';
import type { Hook } from '../src/processing/domain/hook.js';
import { DEFAULT_SETTINGS, type ProcessingSettings } from '../src/processing/domain/settings.js';
import type { JsonObject } from '../src/values.js';

/** A machine without ports whose node has these properties. */
export const machineWith = (properties: JsonObject = {}, more: JsonObject = {}): Machine => ({
  node: {
    uuid: 'c244557e-899f-46fa-a1ff-5b2c6718616b',
    driver: 'fake-hardware',
    driver_info: {},
    extra: {},
    provision_state: 'manageable',
    ...more,
    properties,
  },
  ports: [],
  traits: new Set(),
});
export const portAt = (address: string, more: object = {}): Machine['ports'][number] => ({
  address,
  pxe_enabled: true,
  extra: {},
  local_link_connection: {},
  physical_network: null,
  ...more,
});
/** Runs both phases of a hook. @returns what it skipped */
export const runHook = (
  hook: Hook,
  data: JsonObject,
  machine: Machine = machineWith(),
  settings: Partial<ProcessingSettings> = {},
): string[] => {
  const all = { ...DEFAULT_SETTINGS, ...settings };
  const skipped: string[] = [];
  hook.read?.(data, all);
  hook.process?.({ data, machine, settings: all, skipped: (what) => skipped.push(what) });
  return skipped;
};
/** The small report of contract introspection §5.1. */
export const report = (): JsonObject => ({
  inventory: {
    bmc_address: '192.0.2.10',
    cpu: { count: 4, architecture: 'x86_64' },
    memory: { physical_mb: 12288 },
    disks: [{ name: '/dev/sda', size: 1073741824000 }],
    interfaces: [
      { name: 'eth1', mac_address: '11:22:33:44:55:66', ipv4_address: '1.2.1.2' },
      { name: 'eth2', mac_address: '12:12:21:12:21:12' },
    ],
  },
  root_disk: { name: '/dev/sda', size: 1073741824000 },
  boot_interface: '01-11-22-33-44-55-66',
});
/** Values that no hook may stumble over, in the place of any part of a report. */
export const HOSTILE: readonly unknown[] = [
  ...[null, true, 0, -1, 1e308, 2 ** 70, '', 'x', '\0', '\ud800', 'NaN', [], {}, [[]], [null], [1, 'x'], [[1, 'zz']]],
  ...[{ '': {} }, JSON.parse('{"__proto__":{"x":1},"constructor":1,"toString":"x"}'), 'y'.repeat(100_000)],
  Array.from({ length: 10_000 }, () => ({})),
];
