import { randomUUID } from 'node:crypto';
import { Fault, notFound } from '@nefos/service-kit';
import type { IntrospectionCtx, IntrospectionRequest } from '../../ctx.js';
import { parseExactly } from '../../json-text.js';
import { applyPatch, readPatch } from '../../nodes/domain/json-patch.js';
import { readPaging, refuseQuery, type Query } from '../../nodes/domain/paging.js';
import { uuidOf } from '../../nodes/domain/refs.js';
import { registryTime } from '../../times.js';
import { shown, type JsonObject } from '../../values.js';
import {
  deleteStoredRule,
  deleteStoredRules,
  findRule,
  findRules,
  listRuleHeads,
  lockRule,
  MOST_RULES,
  updateRule,
  type RuleHead,
  type StoredRule,
} from '../store/rules.js';
import type { Operation } from './inspection-rule.js';
import { PATCHABLE, readInspectionRule, type GivenRule } from './read-inspection-rule.js';
import { judgedRule, keepRule, partText, recordRules } from './rules.js';

const FORM = 'inspection';
/** A UUID of a path in its one spelling. @throws Fault invalid query.value */
const uuidIn = (ref: string): string =>
  uuidOf(ref) ?? refuseQuery(`Expected UUID for inspection_rule_uuid: ${shown(ref)}`);
const absent = (uuid: string): Fault =>
  notFound('rule.not_found', { message: `Inspection rule ${uuid} could not be found.` });

const shownOperation = ({ op, args, loop, multiple }: Operation): JsonObject => {
  const loops = loop !== undefined && Object.keys(loop).length > 0;
  return { op, args, ...(loops && { loop, ...(multiple !== undefined && { multiple }) }) };
};
const operationsIn = (text: string): Operation[] => parseExactly(text) as unknown as Operation[];
/** A rule on the wire. */
export type RuleDocument = JsonObject & { uuid: string };
const headDocument = (rule: RuleHead): RuleDocument => ({
  uuid: rule.uuid,
  description: rule.description,
  priority: rule.priority,
  phase: rule.phase,
  sensitive: rule.sensitive,
  created_at: registryTime(rule.createdAt),
  updated_at: registryTime(rule.updatedAt),
});
/** With all that it says; of a sensitive one nobody reads that again. */
const ruleDocument = (rule: StoredRule): RuleDocument => ({
  ...headDocument(rule),
  conditions: rule.sensitive ? null : operationsIn(rule.conditions).map(shownOperation),
  actions: rule.sensitive ? null : operationsIn(rule.actions).map(shownOperation),
});
const columnsOf = ({ description, priority, phase, sensitive, conditions, actions }: GivenRule) => ({
  ...{ description, priority, phase, sensitive },
  conditions: partText('conditions', conditions),
  actions: partText('actions', actions),
});

/**
 * Adds a rule (contract introspection §12.1).
 * @throws Fault invalid rule, rule.too_many; conflict rule.exists
 */
export const createInspectionRule = async (ctx: IntrospectionRequest, body: unknown): Promise<RuleDocument> => {
  const given = judgedRule(() => readInspectionRule(body));
  const uuid = given.uuid?.toLowerCase() ?? randomUUID();
  return ruleDocument(await keepRule(ctx, { ...columnsOf(given), uuid, form: FORM, scope: null }));
};
/** @throws Fault not_found rule.not_found */
export const showInspectionRule = async ({ db }: IntrospectionCtx, ref: string): Promise<RuleDocument> => {
  const uuid = uuidIn(ref);
  const found = await findRule(db, FORM, uuid);
  if (!found) throw absent(uuid);
  return ruleDocument(found);
};
const SORT_KEYS: Readonly<Record<string, (rule: RuleHead) => string | number>> = {
  id: ({ sequence }) => Number(sequence),
  uuid: ({ uuid }) => uuid,
  description: ({ description }) => description ?? '',
  priority: ({ priority }) => priority,
  phase: ({ phase }) => phase ?? '',
  sensitive: ({ sensitive }) => Number(sensitive),
  created_at: ({ sequence }) => Number(sequence),
  updated_at: ({ updatedAt }) => updatedAt ?? '',
};
export interface RulePage {
  rules: RuleDocument[];
  limit: number;
  /** The last of this page, where another follows. */
  next: string | undefined;
}
const sorted = (heads: readonly RuleHead[], sortKey: string, descending: boolean): RuleHead[] => {
  const key = Object.hasOwn(SORT_KEYS, sortKey) ? SORT_KEYS[sortKey] : undefined;
  if (!key) return refuseQuery(`The sort_key value "${shown(sortKey)}" is an invalid field for sorting`);
  const sign = descending ? -1 : 1;
  return [...heads].sort((a, b) => {
    const [x, y] = [key(a), key(b)];
    return sign * (x < y ? -1 : x > y ? 1 : Number(a.sequence) - Number(b.sequence));
  });
};
/**
 * A page of rules: there are never more than a thousand, of which those of the page are read whole.
 * @param whole whether conditions and actions are wanted
 * @throws Fault invalid query.value; not_found rule.not_found: the marker
 */
export const listInspectionRules = async (
  { db }: IntrospectionCtx,
  query: Query,
  whole: boolean,
): Promise<RulePage> => {
  const { limit, marker, sortKey, descending } = readPaging(query, MOST_RULES);
  const heads = await listRuleHeads(db, FORM);
  const all = sorted(heads, sortKey, descending);
  const from = marker === undefined ? 0 : all.findIndex(({ uuid }) => uuid === marker) + 1;
  if (marker !== undefined && from === 0) throw absent(marker);
  const chosen = all.slice(from).filter(({ phase }) => query.phase === undefined || query.phase === phase);
  const page = chosen.slice(0, limit);
  const next = chosen.length > limit ? page.at(-1)?.uuid : undefined;
  if (!whole) return { rules: page.map(headDocument), limit, next };
  const rows = new Map(
    (
      await findRules(
        db,
        FORM,
        page.map(({ uuid }) => uuid),
      )
    ).map((row) => [row.uuid, row]),
  );
  return { rules: page.flatMap(({ uuid }) => rows.get(uuid) ?? []).map(ruleDocument), limit, next };
};
const demandStaysSensitive = (before: StoredRule, after: GivenRule): void => {
  if (before.sensitive && !after.sensitive)
    throw new Fault('invalid', 'rule', { message: 'Inspection rules cannot have the sensitive flag unset.' });
};
/**
 * Changes a rule as a JSON patch says. A rule that is sensitive stays so.
 * @throws Fault invalid patch, rule; not_found rule.not_found
 */
export const patchInspectionRule = (
  { db, principal }: IntrospectionRequest,
  ref: string,
  body: readonly unknown[],
): Promise<RuleDocument> =>
  db.transaction(async (tx) => {
    const uuid = uuidIn(ref);
    const patch = readPatch(body, true);
    for (const { parts, path } of patch)
      if (!PATCHABLE.includes(parts[0] as string))
        throw new Fault('invalid', 'rule', {
          message: `'${shown(path)}' is an internal attribute and can not be updated`,
        });
    const stored = await lockRule(tx, FORM, uuid);
    if (!stored) throw absent(uuid);
    const document: JsonObject = {
      ...{
        description: stored.description,
        priority: stored.priority,
        phase: stored.phase,
        sensitive: stored.sensitive,
      },
      conditions: parseExactly(stored.conditions),
      actions: parseExactly(stored.actions),
    };
    const after = judgedRule(() => readInspectionRule(applyPatch(document, patch)));
    demandStaysSensitive(stored, after);
    const changed = await updateRule(tx, FORM, uuid, columnsOf(after));
    await recordRules(tx, principal, 'inspection_rule.update', { rule: uuid });
    return ruleDocument(changed);
  });
/** @throws Fault not_found rule.not_found */
export const deleteInspectionRule = ({ db, principal }: IntrospectionRequest, ref: string): Promise<void> =>
  db.transaction(async (tx) => {
    const uuid = uuidIn(ref);
    if (!(await deleteStoredRule(tx, FORM, uuid))) throw absent(uuid);
    await recordRules(tx, principal, 'inspection_rule.delete', { rule: uuid });
  });
export const deleteInspectionRules = ({ db, principal }: IntrospectionRequest): Promise<void> =>
  db.transaction(async (tx) => {
    const count = await deleteStoredRules(tx, FORM);
    if (count > 0) await recordRules(tx, principal, 'inspection_rule.delete_all', { count });
  });
