import type { Machine } from '../../nodes/domain/machine.js';
import type { JsonObject } from '../../values.js';
import { Unusable, type Hook } from './hook.js';
import type { ProcessingSettings } from './settings.js';

/**
 * The hooks before the machine is known. All are run; each that fails adds a line.
 * @returns what is wrong with the data
 */
export const beforeLookUp = (hooks: readonly Hook[], data: JsonObject, settings: ProcessingSettings): string[] =>
  hooks.flatMap(({ before }) => {
    try {
      before?.(data, settings);
      return [];
    } catch (err) {
      if (err instanceof Unusable) return [err.message];
      throw err;
    }
  });
/** The hooks after it. The first that fails ends them; what those before it changed stays. @throws Unusable */
export const processMachine = (
  hooks: readonly Hook[],
  of: { data: JsonObject; machine: Machine; settings: ProcessingSettings },
): { skipped: string[] } => {
  const skipped: string[] = [];
  for (const { name, process } of hooks)
    process?.({ ...of, skipped: (what) => skipped.length < 100 && skipped.push(`${name}: ${what}`) });
  return { skipped };
};
