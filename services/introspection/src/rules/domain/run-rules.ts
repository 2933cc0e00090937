import type { Machine } from '../../nodes/domain/machine.js';
import type { JsonObject } from '../../values.js';
import { runAction, type Target } from './actions.js';
import { Budget } from './budget.js';
import { holds } from './conditions.js';
import type { Rule } from './rule.js';

/** What OpenStack's SDK, through which conditions see a node, calls differently. */
const SDK_NAMES: Readonly<Record<string, string>> = {
  id: 'uuid',
  allocation_id: 'allocation_uuid',
  chassis_id: 'chassis_uuid',
  instance_id: 'instance_uuid',
  is_automated_clean_enabled: 'automated_clean',
  is_console_enabled: 'console_enabled',
  is_maintenance: 'maintenance',
  is_protected: 'protected',
  is_retired: 'retired',
};
/** The node as conditions see it: under its own names and those of the SDK (contract introspection §8.2). */
export const subjectOf = ({ node, traits }: Machine): JsonObject => {
  const found: JsonObject = { ...node, traits: [...traits] };
  for (const [name, own] of Object.entries(SDK_NAMES)) if (node[own] !== undefined) found[name] = node[own];
  return found;
};
/** Whether a rule is for a node (contract §8.3). */
export const isInScope = ({ scope }: Pick<Rule, 'scope'>, { node }: Machine): boolean =>
  scope === null || scope === '' || scope === node.properties.inspection_scope;

/**
 * Rules in the order of their creation: all are judged before any acts (contract introspection §8.5). The first action
 * that fails ends them; what those before it changed stays.
 * @returns the rules that applied @throws Unusable
 */
export const runRules = (rules: readonly Rule[], target: Target): Rule[] => {
  const budget = new Budget();
  const subjects = { data: target.data, node: subjectOf(target.machine) };
  const applying = rules.filter(
    (rule) =>
      isInScope(rule, target.machine) && rule.conditions.every((condition) => holds(condition, subjects, budget)),
  );
  for (const rule of applying) for (const action of rule.actions) runAction(action, target, rule.uuid, budget);
  return applying;
};
