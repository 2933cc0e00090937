import { jsonText } from '../../json-text.js';
import type { Machine } from '../../nodes/domain/machine.js';
import { Unusable } from '../../processing/domain/hook.js';
import { processMachine } from '../../processing/domain/process.js';
import type { Rule } from '../../rules/domain/rule.js';
import { runRules } from '../../rules/domain/run-rules.js';
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
}

/** Hooks, then rules (contract introspection §7, §8.5). The machine and the data are changed in place. */
export const processReport = (
  data: JsonObject,
  machine: Machine,
  rules: readonly Rule[],
  discovered: boolean,
  { hooks, settings }: Pipeline,
): ProcessedReport => {
  let processed: string | null = null;
  let skipped: string[] = [];
  // Rules tell machines that were unknown by it (contract introspection §6.3).
  if (discovered) data.auto_discovered = true;
  try {
    ({ skipped } = processMachine(hooks, { data, machine, settings }));
    processed = jsonText(data);
    runRules(rules, { data, machine });
    return { machine, processed, error: null, skipped };
  } catch (err) {
    if (!(err instanceof Unusable)) throw err;
    return { machine, processed, error: err.message, skipped };
  }
};
