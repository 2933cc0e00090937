import { setProperty } from '../../../nodes/domain/machine.js';
import { objectOf, textOf } from '../../../values.js';
import { formatCapabilities, isCapabilityValue, parseCapabilities } from '../capabilities.js';
import type { Hook } from '../hook.js';

/** Capabilities by the flag of a processor (contract §7). */
const BY_FLAG: ReadonlyMap<string, string> = new Map([
  ['vmx', 'cpu_vt'],
  ['svm', 'cpu_vt'],
  ['aes', 'cpu_aes'],
  ['pse', 'cpu_hugepages'],
  ['pdpe1gb', 'cpu_hugepages_1g'],
  ['smx', 'cpu_txt'],
]);

/** What the processor can do, and the boot mode, become capabilities of the node (contract §7). */
export const capabilities: Hook = {
  name: 'capabilities',
  process: ({ data, machine, settings }) => {
    const inventory = objectOf(data.inventory);
    const all = parseCapabilities(machine.node.properties.capabilities);
    const had = formatCapabilities(all);
    const mode = textOf(objectOf(inventory.boot).current_boot_mode);
    if (settings.bootMode && mode !== undefined && isCapabilityValue(mode)) all.set('boot_mode', mode);
    const { flags } = objectOf(inventory.cpu);
    for (const flag of Array.isArray(flags) ? flags : []) {
      const name = typeof flag === 'string' ? BY_FLAG.get(flag) : undefined;
      if (name !== undefined) all.set(name, 'true');
    }
    const has = formatCapabilities(all);
    if (has !== had) setProperty(machine, 'capabilities', has);
  },
};
