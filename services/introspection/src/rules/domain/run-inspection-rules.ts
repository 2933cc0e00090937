import type { JsonObject } from '../../values.js';
import { Budget } from './budget.js';
import { runOperation, type InspectionTarget } from './inspection-actions.js';
import { operationHolds } from './inspection-conditions.js';
import type { InspectionRule } from './inspection-rule.js';
import { variablesOf } from './inspection-values.js';

/** What became of rules. */
export interface InspectionOutcome {
  applied: InspectionRule[];
  notes: string[];
}
const MOST_NOTES = 20;
/**
 * Rules of the successor's form, one after the other: each is judged by what those before it have changed (contract
 * introspection §12.1). The first that fails ends them.
 * @param rules in the order of their priority @throws Unusable
 */
export const runInspectionRules = (
  rules: readonly InspectionRule[],
  { data, machine }: Pick<InspectionTarget, 'data' | 'machine'>,
): InspectionOutcome => {
  const budget = new Budget();
  const notes: string[] = [];
  const note = (text: string): void => {
    if (notes.length < MOST_NOTES) notes.push(text.slice(0, 200));
  };
  const applied = rules.filter((rule) => {
    const variables: JsonObject = rule.conditions.length ? variablesOf(data, machine) : {};
    if (!rule.conditions.every((condition) => operationHolds(condition, variables, budget))) return false;
    for (const action of rule.actions) runOperation(action, { data, machine, note }, rule.uuid, budget);
    return true;
  });
  return { applied, notes };
};
