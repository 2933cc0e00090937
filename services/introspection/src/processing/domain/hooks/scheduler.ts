import { setProperty } from '../../../nodes/domain/machine.js';
import { objectOf, textOf, wholeOf } from '../../../values.js';
import type { Hook, Processing } from '../hook.js';

const positive = (n: number | undefined): number | undefined => (n !== undefined && n > 0 ? n : undefined);

/** Processors, their architecture and memory, as data and as properties, which are text (contract §7). */
export const scheduler: Hook = {
  name: 'scheduler',
  process: ({ data, machine, settings, skipped }: Processing) => {
    const inventory = objectOf(data.inventory);
    const { count, architecture } = objectOf(inventory.cpu);
    const found: Record<string, number | string | undefined> = {
      cpus: positive(wholeOf(count)),
      cpu_arch: textOf(architecture),
      memory_mb: positive(wholeOf(objectOf(inventory.memory).physical_mb)),
    };
    for (const [name, value] of Object.entries(found)) {
      if (value === undefined) {
        skipped(name);
        continue;
      }
      data[name] = value;
      if (settings.overwriteExisting || !machine.node.properties[name]) setProperty(machine, name, String(value));
    }
  },
};
