import { parseInstant, rowsOf, wholeNumber } from '@nefos/contracts';
import type { Fault } from '@nefos/service-kit';
import { refusal } from '../refusals.js';

/**
 * The lists of contract compute §3: paging, ordering, search, and the `filtering` grammar of §3.1, turned into SQL over
 * a declared table of fields. Only declared SQL and numbered parameters reach the database.
 */
/** `tags`: an array of texts; a value is one that it has. */
export type FieldType = 'int' | 'text' | 'uuid' | 'boolean' | 'decimal' | 'time' | 'tags';
export interface ListField {
  /** SQL expression. */
  sql: string;
  type: FieldType;
  /** For one-to-many: `select 1 from ... where ... and %`, with `%` where the test of `sql` goes. */
  exists?: string;
  /** Also a plain parameter: `?name=value` is an exact match. */
  plain?: boolean;
  /** Not sortable when false. */
  order?: boolean;
}
export interface ListSpec {
  /** Columns, without the word select. */
  select: string;
  /** Tables and joins, without the word from. */
  from: string;
  /**
   * The first of these tables, where the others are left joins to unique columns: they change no row's being there.
   * PostgreSQL leaves such joins out by itself, and yet does not read keys and numbers from an index alone then.
   */
  table?: string;
  fields: Readonly<Record<string, ListField>>;
  /** Text expressions that `search` looks into. */
  search: readonly string[];
  /** A column that has them all folded, for large tables. */
  searchText?: string;
  /** Field of the default order, `-` for descending. */
  ordering: string;
  /** SQL of a unique column: the end of every order. */
  tie: string;
}
export interface Condition {
  sql: string;
  values: readonly unknown[];
}
export interface ListRequest {
  page: number;
  pageSize: number;
  conditions: readonly Condition[];
  orderBy: string;
}
/** The query parameters of a request, not validated. */
export type Query = Readonly<Record<string, unknown>>;

const PAGE_SIZE = 20;
const MAX_PAGE_SIZE = 500;
/** No list has a page beyond it. */
const MAX_PAGE = 1_000_000_000;
const MAX_TERMS = 20;
const MAX_IN = 500;
const LOOKUPS = [
  'exact',
  'ne',
  'iexact',
  'contains',
  'icontains',
  'startswith',
  'in',
  'lt',
  'lte',
  'gt',
  'gte',
  'isnull',
  'range',
] as const;
type Lookup = (typeof LOOKUPS)[number];
const CASTS: Record<FieldType, string> = {
  int: 'bigint',
  text: 'text',
  uuid: 'uuid',
  boolean: 'boolean',
  decimal: 'numeric',
  time: 'timestamptz',
  tags: 'text',
};

/** The value as a parameter of the field's type; undefined when it is none. */
const valueOf = (type: FieldType, value: string): unknown => {
  if (value.includes('\u0000')) return undefined;
  switch (type) {
    case 'int':
      return /^-?\d{1,18}$/.test(value) ? value : undefined;
    case 'decimal':
      return /^-?\d{1,18}(\.\d{1,18})?$/.test(value) ? value : undefined;
    case 'uuid':
      return /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i.test(value) ? value : undefined;
    case 'boolean':
      return /^(true|1)$/i.test(value) ? true : /^(false|0)$/i.test(value) ? false : undefined;
    // A raw `+` of an offset arrives as a space.
    case 'time': {
      const fixed = value.replace(/ (\d\d:?\d\d)$/, '+$1');
      return parseInstant(fixed) ? fixed : undefined;
    }
    case 'text':
    case 'tags':
      return value;
  }
};
const like = (value: string): string => value.replace(/[\\%_]/g, '\\$&');

/**
 * The test of a term on an array of tags. Empty ones are left out first, as the index of tags leaves them out; most
 * things have none.
 */
const tagsTest = (sql: string, lookup: Lookup, value: string): Condition | undefined => {
  const wanted = lookup === 'in' ? value.split(',').map((one) => one.trim()) : [value];
  if (wanted.length > MAX_IN || wanted.some((one) => one.includes('\u0000'))) return undefined;
  switch (lookup) {
    case 'exact':
    case 'ne':
    case 'in':
      return { sql: `(${sql} <> '{}' and ${sql} && $::text[])`, values: [wanted] };
    case 'isnull':
      return /^(true|1|false|0)$/i.test(value)
        ? { sql: `${sql} ${/^(true|1)$/i.test(value) ? '=' : '<>'} '{}'`, values: [] }
        : undefined;
    default:
      return undefined;
  }
};
/** The test of one term; `$` stands where a parameter goes. Undefined: the value does not suit. */
const test = ({ sql, type }: ListField, lookup: Lookup, value: string): Condition | undefined => {
  if (type === 'tags') return tagsTest(sql, lookup, value);
  const cast = `$::${CASTS[type]}`;
  const text = type === 'text' ? sql : `(${sql})::text`;
  const one = (shape: string, value: unknown): Condition | undefined =>
    value === undefined ? undefined : { sql: shape, values: [value] };
  const typed = valueOf(type, value);
  switch (lookup) {
    case 'exact':
    case 'ne':
      return one(`${sql} = ${cast}`, typed);
    case 'lt':
      return one(`${sql} < ${cast}`, typed);
    case 'lte':
      return one(`${sql} <= ${cast}`, typed);
    case 'gt':
      return one(`${sql} > ${cast}`, typed);
    case 'gte':
      return one(`${sql} >= ${cast}`, typed);
    case 'iexact':
      return one(`fold(${text}) = fold($::text)`, valueOf('text', value));
    case 'contains':
      return one(`${text} like '%' || $::text || '%'`, valueOf('text', like(value)));
    case 'icontains':
      return one(`fold(${text}) like '%' || fold($::text) || '%'`, valueOf('text', like(value)));
    case 'startswith':
      return one(`${text} like $::text || '%'`, valueOf('text', like(value)));
    case 'isnull': {
      const wanted = valueOf('boolean', value);
      return wanted === undefined ? undefined : { sql: `${sql} is ${wanted ? '' : 'not '}null`, values: [] };
    }
    case 'in':
    case 'range': {
      const all = value.split(',').map((part) => valueOf(type, part.trim()));
      if (all.includes(undefined) || all.length > MAX_IN || (lookup === 'range' && all.length !== 2)) return undefined;
      return lookup === 'in'
        ? { sql: `${sql} = any($::${CASTS[type]}[])`, values: [all] }
        : { sql: `${sql} between ${cast} and ${cast}`, values: all };
    }
  }
};
const condition = (field: ListField, lookup: Lookup, value: string): Condition | undefined => {
  const found = test(field, lookup, value);
  if (!found) return undefined;
  const inside =
    field.exists === undefined ? found.sql : `exists (${field.exists.replace('%', () => `(${found.sql})`)})`;
  return { sql: lookup === 'ne' ? `(${inside}) is not true` : inside, values: found.values };
};

/**
 * Terms of `filtering`, decoded: joined by `+`, or by a space where the next one looks like a term. A `+` inside a
 * value stays.
 */
export const splitTerms = (filtering: string): string[] =>
  filtering.split(/[+ ](?=[A-Za-z_]\w{0,63}:)/).filter((term) => term !== '');

const invalidFilter = (term: string): Fault => refusal('invalid', 'filter', { term });
const ofTerm = (spec: ListSpec, term: string): Condition => {
  const colon = term.indexOf(':');
  const path = term.slice(0, Math.max(colon, 0));
  const value = term.slice(colon + 1);
  const cut = path.lastIndexOf('__');
  const lookup = LOOKUPS.find((one) => cut > 0 && path.slice(cut + 2) === one);
  const name = lookup ? path.slice(0, cut) : path;
  const field = Object.hasOwn(spec.fields, name) ? spec.fields[name] : undefined;
  const found = field && condition(field, lookup ?? 'exact', value);
  if (!found) throw invalidFilter(term);
  return found;
};

/** One parameter's text; of several with one name the last counts. */
export const lastOf = (value: unknown): string | undefined => {
  const one: unknown = Array.isArray(value) ? value.at(-1) : value;
  return typeof one === 'string' ? one : undefined;
};

/**
 * Reads a list's query. What is not known is passed over, except in `filtering`.
 * @throws Fault not_found/page, invalid/filter
 */
export const readListQuery = (spec: ListSpec, query: Query): ListRequest => {
  const page = wholeNumber(lastOf(query.page) ?? '1') ?? 0;
  if (page < 1 || page > MAX_PAGE) throw invalidPage();
  const conditions: Condition[] = [];
  const terms = splitTerms(lastOf(query.filtering) ?? '');
  if (terms.length > MAX_TERMS) throw invalidFilter(terms[MAX_TERMS] as string);
  for (const term of terms) conditions.push(ofTerm(spec, term));
  for (const [name, field] of Object.entries(spec.fields)) {
    const value = field.plain ? lastOf(query[name]) : undefined;
    if (value !== undefined) conditions.push(condition(field, 'exact', value) ?? { sql: 'false', values: [] });
  }
  for (const word of (lastOf(query.search) ?? '')
    .split(/[\s,]+/)
    .filter(Boolean)
    .slice(0, 10)) {
    const places = spec.searchText === undefined ? spec.search.map((one) => `fold(${one})`) : [spec.searchText];
    conditions.push({
      sql: `(${places.map((one) => `${one} like '%' || fold($::text) || '%'`).join(' or ')})`,
      values: places.map(() => like(word)),
    });
  }
  return {
    page,
    pageSize: rowsOf(lastOf(query.page_size), MAX_PAGE_SIZE) ?? PAGE_SIZE,
    conditions,
    orderBy: orderOf(spec, lastOf(query.ordering)),
  };
};
export const invalidPage = (): Fault => refusal('not_found', 'page');

const orderOf = (spec: ListSpec, ordering: string | undefined): string => {
  const columns = (text: string): string[] =>
    text
      .split(',')
      .slice(0, 10)
      .map((one) => one.trim())
      .flatMap((one) => {
        const name = one.replace(/^-/, '');
        const field = Object.hasOwn(spec.fields, name) ? spec.fields[name] : undefined;
        return !field || field.order === false || field.exists !== undefined
          ? []
          : [`${field.sql}${one.startsWith('-') ? ' desc' : ''}`];
      });
  const wanted = ordering ? columns(ordering) : [];
  const order = wanted.length ? wanted : columns(spec.ordering);
  // The tie goes the way of the first column, so that one index serves both.
  return [...order, `${spec.tie}${order[0]?.endsWith(' desc') ? ' desc' : ''}`].join(', ');
};
