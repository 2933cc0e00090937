import type { Machine } from '../../nodes/domain/machine.js';
import type { JsonObject } from '../../values.js';
import { Unusable, type Hook } from './hook.js';
import type { ProcessingSettings } from './settings.js';

/**
 * The hooks before the machine is known. All are run; each that fails adds a line.
 * @returns what is wrong with the data
 */
export const beforeLookUp = (hooks: readonly Hook[], data: JsonObject, settings: ProcessingSettings): string[] =>
  hooks.flatMap(({ read }) => {
    try {
      read?.(data, settings);
      return [];
    } catch (err) {
      if (err instanceof Unusable) return [err.message];
      throw err;
    }
  });
/** Notes of one run at most. */
const MOST_NOTES = 100;
/** The hooks after it. The first that fails ends them; what those before it changed stays. @throws Unusable */
export const processMachine = (
  hooks: readonly Hook[],
  of: { data: JsonObject; machine: Machine; settings: ProcessingSettings },
): { skipped: string[] } => {
  const skipped: string[] = [];
  const note = (text: string): void => {
    if (skipped.length < MOST_NOTES) skipped.push(text);
  };
  for (const { name, process } of hooks) process?.({ ...of, skipped: (what) => note(`${name}: ${what}`) });
  return { skipped };
};
