import { jsonText } from '../../json-text.js';
import type { Machine } from '../../nodes/domain/machine.js';
import { Unusable } from '../../processing/domain/hook.js';
import { processMachine } from '../../processing/domain/process.js';
import { applyRules, type AnyRule } from '../../rules/domain/apply-rules.js';
import type { JsonObject } from '../../values.js';
import type { Pipeline } from './pipeline.js';

/** What became of a report. */
export interface ProcessedReport {
  /** The machine as hooks and rules left it: of a failure, too, what was changed before it (contract §8.5). */
  machine: Machine;
  /** The data after the hooks, as JSON text; null: a hook failed, and there is nothing to store. */
  processed: string | null;
  /** Why the run fails. */
  error: string | null;
  /** Parts of the data that were skipped. */
  skipped: string[];
  /** What rules say of the run. */
  notes: string[];
  /** The rules that applied, by their UUIDs; none when one failed. */
  applied: string[];
}
/** What a run's record says of a report that was processed. */
export const warningOf = ({ skipped, notes }: Pick<ProcessedReport, 'skipped' | 'notes'>): string | null =>
  [...(skipped.length ? [`Skipped: ${skipped.join('; ')}`] : []), ...notes].join('\n') || null;

/** Hooks, then rules (contract introspection §7, §8.5). The machine and the data are changed in place. */
export const processReport = (
  data: JsonObject,
  machine: Machine,
  rules: readonly AnyRule[],
  discovered: boolean,
  { hooks, settings }: Pipeline,
): ProcessedReport => {
  let processed: string | null = null;
  let skipped: string[] = [];
  let notes: string[] = [];
  // Rules tell machines that were unknown by it (contract introspection §6.3).
  if (discovered) data.auto_discovered = true;
  try {
    ({ skipped } = processMachine(hooks, { data, machine, settings }));
    processed = jsonText(data);
    const outcome = applyRules(rules, { data, machine });
    ({ notes } = outcome);
    if (outcome.changesData) processed = jsonText(data);
    return { machine, processed, error: null, skipped, notes, applied: outcome.applied };
  } catch (err) {
    if (!(err instanceof Unusable)) throw err;
    return { machine, processed, error: err.message, skipped, notes, applied: [] };
  }
};
