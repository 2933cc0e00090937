import { randomUUID } from 'node:crypto';
import { conflict, Fault, notFound, type Queryable } from '@nefos/service-kit';
import { actorOf, record } from '../../access/domain/audit.js';
import type { IntrospectionCtx, IntrospectionRequest } from '../../ctx.js';
import { jsonText, parseExactly } from '../../json-text.js';
import {
  deleteStoredRule,
  deleteStoredRules,
  findRule,
  insertRule,
  isRule,
  listRulesInForce,
  listShortRules,
  MOST_RULES,
  type NewRule,
  type ShortRule,
  type StoredRule,
} from '../store/rules.js';
import type { AnyRule } from './apply-rules.js';
import type { InspectionRule, Operation } from './inspection-rule.js';
import { readInspectionRule } from './read-inspection-rule.js';
import { BadRule, readRule } from './read-rule.js';
import type { Action, Condition, Rule } from './rule.js';

export type { ShortRule } from '../store/rules.js';
const FORM = 'inspector';
const absent = (uuid: string): Fault => notFound('rule.not_found', { uuid: uuid.slice(0, 100) });
const ruleOf = ({ uuid, description, scope, conditions, actions }: StoredRule): Rule => ({
  ...{ uuid, description, scope },
  conditions: parseExactly(conditions) as unknown as Condition[],
  actions: parseExactly(actions) as unknown as Action[],
});
/** A rule of the successor's form, for the engine. */
const inspectionRuleOf = ({ uuid, conditions, actions }: StoredRule): InspectionRule => ({
  form: 'inspection',
  uuid,
  conditions: parseExactly(conditions) as unknown as Operation[],
  actions: parseExactly(actions) as unknown as Operation[],
});
/** What a rule may take, conditions and actions each. */
const LARGEST = 256 * 1024;
/** JSON text of a part of a rule. @throws Fault invalid rule */
export const partText = (name: string, part: unknown): string => {
  const text = jsonText(part);
  if (text.length > LARGEST)
    throw new Fault('invalid', 'rule', { message: `Invalid ${name}: they are longer than ${LARGEST} characters` });
  return text;
};
/** What is wrong with a rule is said in its words. @throws Fault invalid rule */
export const judgedRule = <T>(read: () => T): T => {
  try {
    return read();
  } catch (err) {
    if (err instanceof BadRule) throw new Fault('invalid', 'rule', { message: err.message });
    throw err;
  }
};
/**
 * Keeps a rule, and a record of who made it.
 * @throws Fault conflict rule.exists; invalid rule.too_many
 */
export const keepRule = ({ db, principal }: IntrospectionRequest, rule: NewRule): Promise<StoredRule> =>
  db.transaction(async (tx) => {
    const stored = await insertRule(tx, rule);
    if (!stored)
      throw (await isRule(tx, rule.uuid))
        ? conflict('rule.exists', { uuid: rule.uuid })
        : new Fault('invalid', 'rule.too_many', { most: MOST_RULES });
    await recordRules(tx, principal, 'rule.create', { rule: rule.uuid });
    return stored;
  });
/** Who changed which rules. */
export const recordRules = (
  q: Queryable,
  principal: IntrospectionRequest['principal'],
  operation: string,
  details: Record<string, string | number>,
): Promise<void> => record(q, { actor: actorOf(principal), operation, nodeUuid: null, result: 'done', details });

/** Adds a rule (contract introspection §8.1). @throws Fault invalid rule, rule.too_many; conflict rule.exists */
export const createRule = async (ctx: IntrospectionRequest, body: unknown): Promise<Rule> => {
  const { uuid, description, scope, conditions, actions } = judgedRule(() => readRule(body, randomUUID));
  const stored = await keepRule(ctx, {
    ...{ uuid, form: FORM, description, scope, priority: 0, phase: null, sensitive: false },
    conditions: partText('conditions', conditions),
    actions: partText('actions', actions),
  });
  return ruleOf(stored);
};
export const listRules = ({ db }: IntrospectionCtx): Promise<ShortRule[]> => listShortRules(db, FORM);
/** @throws Fault not_found rule.not_found */
export const showRule = async ({ db }: IntrospectionCtx, uuid: string): Promise<Rule> => {
  const found = await findRule(db, FORM, uuid);
  if (!found) throw absent(uuid);
  return ruleOf(found);
};
/** @throws Fault not_found rule.not_found */
export const deleteRule = ({ db, principal }: IntrospectionRequest, uuid: string): Promise<void> =>
  db.transaction(async (tx) => {
    if (!(await deleteStoredRule(tx, FORM, uuid))) throw absent(uuid);
    await recordRules(tx, principal, 'rule.delete', { rule: uuid });
  });
export const deleteRules = ({ db, principal }: IntrospectionRequest): Promise<void> =>
  db.transaction(async (tx) => {
    const count = await deleteStoredRules(tx, FORM);
    if (count > 0) await recordRules(tx, principal, 'rule.delete_all', { count });
  });
/** Rules that are not kept, for a trial. @throws Fault invalid rule */
export const trialRules = (rules: readonly unknown[], inspectionRules: readonly unknown[]): AnyRule[] =>
  judgedRule(() => [
    ...rules.map((one, i) => readRule(one, () => `rules/${i}`)),
    ...inspectionRules
      .map((one, i) => ({ ...readInspectionRule(one), i }))
      .sort((a, b) => b.priority - a.priority || a.i - b.i)
      .map(({ uuid, conditions, actions, i }): InspectionRule => ({
        form: 'inspection',
        uuid: uuid ?? `inspection_rules/${i}`,
        conditions,
        actions,
      })),
  ]);
/** The rules that are judged with each report, each form in its order (contract introspection §8.5, §12.1). */
export const rulesInForce = async (q: Queryable): Promise<AnyRule[]> =>
  (await listRulesInForce(q)).map((one) => (one.form === FORM ? ruleOf(one) : inspectionRuleOf(one)));
