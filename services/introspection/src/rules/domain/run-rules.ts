import type { JsonObject } from '../../values.js';
import { runAction, type Target } from './actions.js';
import { holds } from './conditions.js';
import type { Rule } from './rule.js';

/** The node as conditions see it: under the names of the SDK, too. */
const subjectOf = ({ machine: { node, traits } }: Target): JsonObject => ({
  ...node,
  id: node.uuid,
  traits: [...traits],
});

/**
 * Rules in the order of their creation: all are judged before any acts (contract introspection §8.5). The first action
 * that fails ends them; what those before it changed stays.
 * @returns the rules that applied @throws Unusable
 */
export const runRules = (rules: readonly Rule[], target: Target): Rule[] => {
  const node = subjectOf(target);
  const scope = target.machine.node.properties.inspection_scope;
  const applying = rules.filter(
    (rule) =>
      (rule.scope === null || rule.scope === '' || rule.scope === scope) &&
      rule.conditions.every((condition) => holds(condition, { data: target.data, node })),
  );
  for (const rule of applying) for (const action of rule.actions) runAction(action, target, rule.uuid);
  return applying;
};
