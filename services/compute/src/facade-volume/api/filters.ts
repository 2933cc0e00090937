import { badText } from '@nefos/contracts';
import type { ComputeRequest } from '../../ctx.js';
import { since } from '../../facade/api/microversion.js';
import { booleanOf, queryText, type FaceQuery } from '../../facade/api/query.js';
import { faceFault } from '../../facade/api/refused.js';
import { queryInstant } from '../../facade/api/times.js';
import { projectOfWire } from '../../facade/project-ids.js';
import type { Condition } from '../../lists/list-query.js';
import { UUID } from '../../lists/uuid.js';

/** A filter of a list: the condition for what the query has. */
export type Filter = (value: string, ctx: ComputeRequest) => Condition | Condition[];
export type Filters = Readonly<Record<string, Filter>>;
export interface FilterSet {
  /** What administrators may ask for. */
  all: Filters;
  /** What everybody may ask for; from 3.31 anything else is refused, before it is not heard. */
  open: readonly string[];
  /** The microversion of what came later: before it, it is not heard. */
  later?: Readonly<Record<string, number>>;
  /** Columns of which a part can be asked for: `name~=part` (3.34). */
  parts?: Readonly<Record<string, string>>;
  /** Where other names began to be refused, when that was not 3.31. */
  strictSince?: number;
}

export const NOTHING: Condition = { sql: 'false', values: [] };
export const EVERYTHING: Condition = { sql: 'true', values: [] };
export const textFilter =
  (column: string): Filter =>
  (value) => ({ sql: `${column} = $`, values: [value] });
/** What is no id is of nothing. */
export const idFilter =
  (column: string): Filter =>
  (value) =>
    UUID.test(value) ? { sql: `${column} = $::uuid`, values: [value] } : NOTHING;
export const numberFilter =
  (column: string): Filter =>
  (value) =>
    /^\d{1,9}$/.test(value) ? { sql: `${column} = $::int`, values: [value] } : NOTHING;
const flagOf = (name: string, value: string): boolean => {
  const found = booleanOf(value);
  if (found === undefined) throw faceFault('invalid', `Invalid input received: '${name} = ${value.slice(0, 100)}'`);
  return found;
};
/** From 3.2 only what means true or false; before, all is true but the word false. */
export const bootableFilter: Filter = (value, ctx) => ({
  sql: 'x.bootable = $::boolean',
  values: [since(ctx, 2) ? flagOf('bootable', value) : !['False', 'false', 'FALSE'].includes(value)],
});
/** Everything here counts for the quota. */
export const quotaFilter: Filter = (value) => (flagOf('consumes_quota', value) ? EVERYTHING : NOTHING);

const COMPARED: Readonly<Record<string, string>> = { gt: '>', gte: '>=', eq: '=', neq: '<>', lt: '<', lte: '<=' };
/** `created_at=gt:2026-01-01T00:00:00,lt:…` (3.60). */
export const timeFilter =
  (column: string): Filter =>
  (text) =>
    text
      .split(',')
      .slice(0, 10)
      .map((part) => {
        const [, word = '', at = ''] = /^([a-z]*):(.*)$/.exec(part) ?? [];
        const operator = Object.hasOwn(COMPARED, word) ? COMPARED[word] : undefined;
        if (operator === undefined) throw faceFault('invalid', `Invalid ${word || part.slice(0, 50)} operator`);
        const found = queryInstant(at);
        if (found === undefined) throw faceFault('invalid', `Invalid ${at.slice(0, 50)} value`);
        return { sql: `${column} ${operator} $::timestamptz`, values: [found] };
      });
const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};
/** The words of `metadata={'key': 'value'}`, as clients write it: Python's form, or JSON. @throws Fault invalid */
export const wordsOf = (name: string, text: string): Record<string, string> => {
  const quoted = text.replace(/u?'([^'\\]*)'/g, (_, inner: string) => JSON.stringify(inner));
  const wanted = jsonOf(text) ?? jsonOf(quoted);
  if (typeof wanted !== 'object' || wanted === null || Array.isArray(wanted))
    throw faceFault('invalid', `Invalid input received: ${name} is not a dictionary.`);
  const words = Object.entries(wanted).map(([key, value]) => [key, String(value)] as const);
  // Spelled by their numbers, such characters come through the check of the query.
  if (words.flat().some((one) => badText(one) !== undefined))
    throw faceFault('invalid', `Invalid input received: ${name} has characters that can not be kept.`);
  return Object.fromEntries(words);
};
export const wordsFilter =
  (name: string, column = 'x.metadata'): Filter =>
  (text) => ({ sql: `${column} @> $::jsonb`, values: [JSON.stringify(wordsOf(name, text))] });

/** What is in a query beside filters. */
const PAGING = new Set(['limit', 'marker', 'offset', 'sort', 'sort_key', 'sort_dir', 'all_tenants']);
const partOf = (name: string): string | undefined => (name.endsWith('~') ? name.slice(0, -1) : undefined);
const isOpen = (ctx: ComputeRequest, { open, later }: FilterSet, name: string): boolean => {
  const base = since(ctx, 34) ? (partOf(name) ?? name) : name;
  return open.includes(base) && since(ctx, later?.[base] ?? 0);
};
const conditionsOf = (ctx: ComputeRequest, set: FilterSet, name: string, value: string): Condition[] => {
  const part = partOf(name);
  if (part !== undefined) {
    const column = set.parts && Object.hasOwn(set.parts, part) ? set.parts[part] : undefined;
    return column !== undefined && since(ctx, 34) ? [{ sql: `strpos(${column}, $) > 0`, values: [value] }] : [];
  }
  const filter = Object.hasOwn(set.all, name) ? set.all[name] : undefined;
  return filter && since(ctx, set.later?.[name] ?? 0) ? [filter(value, ctx)].flat() : [];
};
/**
 * Conditions of a query.
 * @throws Fault invalid: a value that its filter does not take; from 3.31 a filter that end users have not
 */
export const filtersOf = (ctx: ComputeRequest, query: FaceQuery, set: FilterSet): Condition[] => {
  const names = Object.keys(query).filter((name) => !PAGING.has(name) && !(name === 'with_count' && since(ctx, 45)));
  const admin = ctx.scope?.admin ?? false;
  const foreign = admin ? [] : names.filter((name) => !isOpen(ctx, set, name));
  if (foreign.length > 0 && since(ctx, set.strictSince ?? 31))
    throw faceFault('invalid', `Invalid filters ${foreign.join(',').slice(0, 200)} are found in query options.`);
  return names.flatMap((name) => {
    const value = foreign.includes(name) ? undefined : queryText(query, name);
    return value === undefined || value === '' ? [] : conditionsOf(ctx, set, name, value);
  });
};
/** Names that everybody may ask for now. */
export const openFilters = (ctx: ComputeRequest, { open, later }: FilterSet): string[] =>
  open.filter((name) => since(ctx, later?.[name] ?? 0));
/** The project that an administrator names when it asks for everybody's. */
export const projectFilter = (query: FaceQuery): Condition[] => {
  const project = queryText(query, 'project_id') ?? queryText(query, 'tenant_id');
  return project === undefined ? [] : [{ sql: 'x.project_id = $', values: [projectOfWire(project) ?? ''] }];
};
