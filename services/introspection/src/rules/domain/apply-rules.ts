import type { Target } from './actions.js';
import type { InspectionRule } from './inspection-rule.js';
import type { Rule } from './rule.js';
import { runInspectionRules } from './run-inspection-rules.js';
import { runRules } from './run-rules.js';

/** A rule of either form: of /v1/rules, or of /baremetal/v1/inspection_rules. */
export type AnyRule = Rule | InspectionRule;
export interface RulesOutcome {
  /** The rules that applied, by their UUIDs. */
  applied: string[];
  /** What rules say of the run. */
  notes: string[];
  /** Whether they changed the data, too. */
  changesData: boolean;
}
const isInspectionRule = (rule: AnyRule): rule is InspectionRule => 'form' in rule;
/**
 * All rules of a run: those of the inspector first, which are judged together (contract introspection §8.5), then those
 * of the successor, one after the other (§12.1). Node, ports, traits and data are changed in place.
 * @throws Unusable
 */
export const applyRules = (rules: readonly AnyRule[], target: Target): RulesOutcome => {
  const first = runRules(
    rules.filter((rule): rule is Rule => !isInspectionRule(rule)),
    target,
  );
  const { applied, notes } = runInspectionRules(rules.filter(isInspectionRule), target);
  return {
    applied: [...first, ...applied].map(({ uuid }) => uuid),
    notes,
    changesData: applied.some(({ actions }) => actions.some(({ op }) => op.endsWith('-plugin-data'))),
  };
};
