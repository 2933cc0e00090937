import type { Request } from 'express';
import type { ComputeRequest } from '../../ctx.js';
import { nextLinks } from '../../facade/api/links.js';
import { since } from '../../facade/api/microversion.js';
import { queryBoolean, queryLimit, queryText, type FaceQuery } from '../../facade/api/query.js';
import { faceFault, named } from '../../facade/api/refused.js';
import { projectOfWire } from '../../facade/project-ids.js';
import type { KeysetSpec, SortKey } from '../../lists/keyset.js';
import type { Condition } from '../../lists/list-query.js';
import { UUID } from '../../lists/uuid.js';
import { pageOf, thingsInView } from '../domain/pages.js';

/** A filter of a list: the condition for what the query has. */
export type Filters = Readonly<Record<string, (value: string) => Condition>>;
export const textFilter =
  (column: string): ((value: string) => Condition) =>
  (value) => ({ sql: `${column} = $`, values: [value] });
/** What is no id is of nothing. */
export const idFilter =
  (column: string): ((value: string) => Condition) =>
  (value) =>
    UUID.test(value) ? { sql: `${column} = $::uuid`, values: [value] } : { sql: 'false', values: [] };
export const numberFilter =
  (column: string): ((value: string) => Condition) =>
  (value) =>
    /^\d{1,9}$/.test(value) ? { sql: `${column} = $::int`, values: [value] } : { sql: 'false', values: [] };
export const booleanFilter =
  (column: string, name: string): ((value: string) => Condition) =>
  (value) => ({ sql: `${column} = $::boolean`, values: [queryBoolean({ [name]: value }, name) ?? false] });

const MAX_OFFSET = 10_000;
const offsetOf = (query: FaceQuery): number => {
  const text = queryText(query, 'offset');
  if (text === undefined || text === '') return 0;
  if (!/^\d{1,9}$/.test(text) || Number(text) > MAX_OFFSET)
    throw faceFault('invalid', `offset must be a number from 0 to ${MAX_OFFSET}; use a marker to go further.`);
  return Number(text);
};
const direction = (text: string | undefined): boolean => {
  if (text === undefined || text === 'desc') return true;
  if (text === 'asc') return false;
  throw faceFault('invalid', `Invalid input received: Sort direction ${text.slice(0, 50)} is invalid.`);
};
/** `sort=created_at:desc,name`, or the older `sort_key` and `sort_dir`. */
const sortOf = (query: FaceQuery, { keys }: KeysetSpec): SortKey[] => {
  const sort = queryText(query, 'sort');
  const named = queryText(query, 'sort_key');
  const wanted = sort
    ? sort
        .split(',')
        .slice(0, 20)
        .map((one) => one.trim().split(':'))
    : [[named ?? (Object.hasOwn(keys, 'created_at') ? 'created_at' : 'id'), queryText(query, 'sort_dir')]];
  return wanted.map(([key = '', dir]) => {
    if (!Object.hasOwn(keys, key))
      throw faceFault('invalid', `Invalid input received: Sort key ${key.slice(0, 50)} is not known.`);
    return { key, descending: direction(dir) };
  });
};
const COMPARED: Readonly<Record<string, string>> = { gt: '>', gte: '>=', eq: '=', neq: '<>', lt: '<', lte: '<=' };
/** `created_at=gt:2026-01-01T00:00:00,lt:…` (3.60). */
const timeFilters = (query: FaceQuery, column: string, name: string): Condition[] =>
  (queryText(query, name)?.split(',').slice(0, 10) ?? []).map((part) => {
    const [, word, at = ''] = /^(?:(gte?|eq|neq|lte?):)?(.*)$/.exec(part) ?? [];
    const iso = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)?(?:Z|[+-]\d\d:?\d\d)?$/.test(at) ? at : '';
    if (iso === '' || Number.isNaN(Date.parse(iso.replace(' ', 'T'))))
      throw faceFault('invalid', `Filters ${name} are in wrong format, or the value is not a time.`);
    const zoned = /(?:Z|[+-]\d\d:?\d\d)$/.test(iso.slice(10)) ? iso : `${iso}Z`;
    return {
      sql: `${column} ${COMPARED[word ?? 'eq']} $::timestamptz`,
      values: [zoned.replace(/^(.{10})Z$/, '$1T00:00Z')],
    };
  });
const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};
/** `metadata={'key': 'value'}`, as clients write it: Python's form, or JSON. */
const metadataFilter = (text: string): Condition => {
  const quoted = text.replace(/u?'([^'\\]*)'/g, (_, inner: string) => JSON.stringify(inner));
  const wanted = jsonOf(text) ?? jsonOf(quoted);
  if (typeof wanted !== 'object' || wanted === null || Array.isArray(wanted))
    throw faceFault('invalid', 'Invalid input received: metadata is not a dictionary.');
  const words = Object.fromEntries(Object.entries(wanted).map(([key, value]) => [key, String(value)]));
  return { sql: 'x.metadata @> $::jsonb', values: [JSON.stringify(words)] };
};
/** `name~=part` (3.31): what contains it. */
const likeFilter = (column: string, value: string): Condition => ({ sql: `strpos(${column}, $) > 0`, values: [value] });

const ownFilters = (query: FaceQuery, filters: Filters): Condition[] =>
  Object.entries(filters).flatMap(([name, of]) => {
    const value = queryText(query, name);
    return value === undefined || value === '' ? [] : [of(value)];
  });
const conditionsOf = (ctx: ComputeRequest, query: FaceQuery, filters: Filters, all: boolean): Condition[] => {
  const project = queryText(query, 'project_id') ?? queryText(query, 'tenant_id');
  const words = queryText(query, 'metadata');
  const like = since(ctx, 31) ? queryText(query, 'name~') : undefined;
  return [
    ...ownFilters(query, filters),
    ...(project !== undefined && all ? [{ sql: 'x.project_id = $', values: [projectOfWire(project) ?? ''] }] : []),
    ...(words !== undefined ? [metadataFilter(words)] : []),
    ...(like !== undefined ? [likeFilter('x.name', like)] : []),
    ...(since(ctx, 60)
      ? [...timeFilters(query, 'x.created_at', 'created_at'), ...timeFilters(query, 'x.updated_at', 'updated_at')]
      : []),
  ];
};
/** Whether an administrator asks for everybody's. */
export const allAsked = (ctx: ComputeRequest, query: FaceQuery): boolean =>
  (ctx.scope?.admin ?? false) && (queryBoolean(query, 'all_tenants') ?? queryBoolean(query, 'all_projects') ?? false);

export interface ListOf<Row> {
  spec: KeysetSpec;
  filters: Filters;
  /** The key of the body: `volumes`. */
  key: string;
  /** The word in the sentence of an unknown marker. */
  word: string;
  path: string;
  view: (row: Row) => object;
  /** Where the client stands. */
  clientColumn?: string;
}
/** The body of a list: a page, where the next one is, and how many there are when that is asked (3.45). */
export const listBody = async <Row extends { id: string }>(
  ctx: ComputeRequest,
  { req, query }: { req: Request; query: FaceQuery },
  { spec, filters, key, word, path, view, clientColumn }: ListOf<Row>,
): Promise<Record<string, unknown>> => {
  const all = allAsked(ctx, query);
  const marker = queryText(query, 'marker');
  const page = await named(
    () =>
      pageOf<Row>(
        ctx,
        spec,
        {
          limit: queryLimit(query),
          offset: offsetOf(query),
          marker,
          sort: sortOf(query, spec),
          conditions: conditionsOf(ctx, query, filters, all && clientColumn === undefined),
          count: since(ctx, 45) && (queryBoolean(query, 'with_count') ?? false),
        },
        thingsInView(ctx, all, clientColumn),
      ),
    `${word} ${marker ?? ''} could not be found.`,
  );
  const last = page.rows.at(-1);
  return {
    [key]: page.rows.map(view),
    ...(page.more && last && { [`${key}_links`]: nextLinks(ctx, req, path, last.id) }),
    ...(page.count !== undefined && { count: page.count }),
  };
};
