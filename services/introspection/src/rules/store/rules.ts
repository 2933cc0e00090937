import {
  bigint,
  boolean,
  generated,
  instant,
  integer,
  json,
  nullable,
  prepared,
  run,
  table,
  text,
  withDefault,
  type Queryable,
  type Row,
} from '@nefos/service-kit';

/** Rules of both APIs: `inspector` those of /v1/rules, `inspection` those of /baremetal/v1/inspection_rules. */
export type RuleForm = 'inspector' | 'inspection';
/** Rules in the order of their creation, by `sequence`. */
export const rules = table(
  'rule',
  {
    sequence: generated(bigint()),
    /** As its author spells it. */
    uuid: text(),
    form: text<RuleForm>(),
    description: nullable(text()),
    scope: nullable(text()),
    disabled: withDefault(boolean()),
    priority: withDefault(integer()),
    phase: nullable(text()),
    sensitive: withDefault(boolean()),
    conditions: json(),
    actions: json(),
    createdAt: withDefault(instant()),
    updatedAt: nullable(instant()),
  },
  { primary: ['uuid'] },
);
/** A rule as it is stored; `conditions` and `actions` are JSON text, which keeps how numbers are spelt. */
export interface StoredRule extends Omit<Row<typeof rules>, 'conditions' | 'actions'> {
  conditions: string;
  actions: string;
}
export type NewRule = Pick<
  StoredRule,
  'uuid' | 'form' | 'description' | 'scope' | 'priority' | 'phase' | 'sensitive' | 'conditions' | 'actions'
>;
export type ShortRule = Pick<StoredRule, 'uuid' | 'description' | 'scope'>;

/** Of one form at most: the lists have no pages, and all are judged at each callback. */
export const MOST_RULES = 1000;
const COLUMNS = `sequence, uuid, form, description, scope, disabled, priority, phase, sensitive,
  conditions::text conditions, actions::text actions, created_at "createdAt", updated_at "updatedAt"`;

// SQL: `json` as text, since a parser would forget that 2048.0 is not 2048; the bound is judged in the same statement.
const INSERT = `
  insert into rule (uuid, form, description, scope, priority, phase, sensitive, conditions, actions)
  select $1, $2, $3, $4, $5, $6, $7, $8::json, $9::json
  where (select count(*) from rule where form = $2) < ${MOST_RULES}
  on conflict (uuid) do nothing returning ${COLUMNS}`;
/** @returns undefined: the uuid is taken, or there are too many */
export const insertRule = async (q: Queryable, one: NewRule): Promise<StoredRule | undefined> => {
  const { uuid, form, description, scope, priority, phase, sensitive, conditions, actions } = one;
  const values = [uuid, form, description, scope, priority, phase, sensitive, conditions, actions];
  return (await prepared<StoredRule>(q, INSERT, values))[0];
};
const FIND = `select ${COLUMNS} from rule where uuid = $1 and form = $2`;
export const findRule = async (q: Queryable, form: RuleForm, uuid: string): Promise<StoredRule | undefined> =>
  (await prepared<StoredRule>(q, FIND, [uuid, form]))[0];
const TAKEN = 'select 1 from rule where uuid = $1';
/** Whether any rule has this uuid. */
export const isRule = async (q: Queryable, uuid: string): Promise<boolean> =>
  (await prepared(q, TAKEN, [uuid])).length > 0;
const LIST = `select uuid, description, scope from rule where form = $1 order by sequence limit ${MOST_RULES}`;
/** Without what they say. */
export const listShortRules = (q: Queryable, form: RuleForm): Promise<ShortRule[]> => prepared(q, LIST, [form]);
const IN_FORCE = `select ${COLUMNS} from rule where not disabled order by form, priority desc, sequence
  limit ${2 * MOST_RULES}`;
/** Those of both forms that apply, each form in its order. */
export const listRulesInForce = (q: Queryable): Promise<StoredRule[]> => prepared(q, IN_FORCE, []);
/** @returns whether there was one */
export const deleteStoredRule = async (q: Queryable, form: RuleForm, uuid: string): Promise<boolean> =>
  (await run(q, 'delete from rule where uuid = $1 and form = $2', [uuid, form])) > 0;
/** @returns how many there were */
export const deleteStoredRules = (q: Queryable, form: RuleForm): Promise<number> =>
  run(q, 'delete from rule where form = $1', [form]);

/** Without what they say, which may be long. */
export type RuleHead = Omit<StoredRule, 'conditions' | 'actions'>;
const HEADS = `select sequence, uuid, form, description, scope, disabled, priority, phase, sensitive,
  created_at "createdAt", updated_at "updatedAt" from rule where form = $1 order by sequence limit ${MOST_RULES}`;
export const listRuleHeads = (q: Queryable, form: RuleForm): Promise<RuleHead[]> => prepared(q, HEADS, [form]);
const BY_UUIDS = `select ${COLUMNS} from rule where form = $1 and uuid = any($2)`;
/** In no order. */
export const findRules = (q: Queryable, form: RuleForm, uuids: readonly string[]): Promise<StoredRule[]> =>
  prepared(q, BY_UUIDS, [form, uuids]);
const LOCK = `${FIND} for update`;
export const lockRule = async (q: Queryable, form: RuleForm, uuid: string): Promise<StoredRule | undefined> =>
  (await prepared<StoredRule>(q, LOCK, [uuid, form]))[0];
const UPDATE = `update rule set description = $3, priority = $4, phase = $5, sensitive = $6, conditions = $7::json,
  actions = $8::json, updated_at = now() where uuid = $1 and form = $2 returning ${COLUMNS}`;
type RuleChanges = Pick<NewRule, 'description' | 'priority' | 'phase' | 'sensitive' | 'conditions' | 'actions'>;
/** SQL: `json` as text, see above. */
export const updateRule = async (
  q: Queryable,
  form: RuleForm,
  uuid: string,
  { description, priority, phase, sensitive, conditions, actions }: RuleChanges,
): Promise<StoredRule> => {
  const values = [uuid, form, description, priority, phase, sensitive, conditions, actions];
  const [row] = await prepared<StoredRule>(q, UPDATE, values);
  if (!row) throw new Error('a rule that is locked is gone');
  return row;
};
