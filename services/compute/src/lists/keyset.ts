import { prepared, sql, type Queryable } from '@nefos/service-kit';
import type { Condition } from './list-query.js';

/**
 * Lists by marker, as OpenStack's APIs have them: the page begins behind the row whose id is the marker, and nothing is
 * counted. The cost of a page does not grow with what is before it.
 */
export interface KeysetSpec {
  /** Columns, without the word select. */
  select: string;
  /** Tables and joins, without the word from. */
  from: string;
  /**
   * What rows can be ordered by: an SQL expression that is never null, and its type, by the name in the request. Of
   * what may be null, give `coalesce(...)`.
   */
  keys: Readonly<Record<string, { sql: string; type: string }>>;
  /** The unique column that markers name; the end of every order. */
  id: { sql: string; type: string };
}
export interface SortKey {
  /** One of `keys`. */
  key: string;
  descending: boolean;
}
/** How many rows a page has at most, and when nothing else was asked for. */
export const MOST_ROWS = 1000;
export interface KeysetRequest {
  limit: number;
  /** Id of the last row of the page before; it must be of the id's type. */
  marker: string | undefined;
  sort: readonly SortKey[];
  /** What the caller may see, and what was asked for. */
  conditions: readonly Condition[];
}
export interface KeysetPage<Row> {
  rows: Row[];
  /** Whether there are rows behind these. */
  more: boolean;
}

/** A part of what the caller may see. */
export interface Part extends Condition {
  /** Tables, where an index of the order begins in another one than the list's; its own are among them. */
  from?: string;
  /** There: what stands for the list's keys, by name, and for its id. */
  keys?: Readonly<Record<string, string>>;
  id?: string;
}
interface OrderTerm {
  /** Of `keys`; undefined: the id. */
  key: string | undefined;
  sql: string;
  type: string;
  descending: boolean;
}
/** The order with the id at its end, in the direction of the last key: so that an index can serve it. */
const orderOf = (spec: KeysetSpec, sort: readonly SortKey[]): OrderTerm[] => {
  const terms = sort.flatMap(({ key, descending }) => {
    const found = Object.hasOwn(spec.keys, key) ? spec.keys[key] : undefined;
    return found ? [{ ...found, key, descending }] : [];
  });
  return [...terms, { ...spec.id, key: undefined, descending: terms.at(-1)?.descending ?? false }];
};
/** The order as a part has it. */
const orderIn = ({ keys = {}, id }: Part, order: readonly OrderTerm[]): OrderTerm[] =>
  order.map((one) => ({ ...one, sql: (one.key === undefined ? id : keys[one.key]) ?? one.sql }));
/**
 * Rows behind the marker's. One direction is one comparison of rows, which an index serves as a range.
 * @param marker the order's values of the marker's row
 */
const behind = (order: readonly OrderTerm[], marker: readonly unknown[]): Condition => {
  const values: unknown[] = [];
  const at = (i: number): string => {
    values.push(marker[i]);
    return `$::${order[i]?.type}`;
  };
  const uniform = order.every(({ descending }) => descending === order[0]?.descending);
  if (uniform) {
    const row = order.map((o) => o.sql).join(', ');
    return { sql: `(${row}) ${order[0]?.descending ? '<' : '>'} (${order.map((_o, i) => at(i)).join(', ')})`, values };
  }
  // It follows from the rest, and is what an index can begin at.
  const lead = `${order[0]?.sql} ${order[0]?.descending ? '<=' : '>='} ${at(0)}`;
  const after = order
    .map(({ sql: column, descending }, i) => {
      const equal = order.slice(0, i).map((before, j) => `${before.sql} = ${at(j)}`);
      return `(${[...equal, `${column} ${descending ? '<' : '>'} ${at(i)}`].join(' and ')})`;
    })
    .join(' or ');
  return { sql: `${lead} and (${after})`, values };
};
const orderBy = (order: readonly OrderTerm[], name: (one: OrderTerm, i: number) => string): string =>
  order.map((one, i) => `${name(one, i)}${one.descending ? ' desc' : ''}`).join(', ');

/** Conditions as a where clause; their values are added to `values`, by whose places they are numbered. */
const whereOf = (conditions: readonly Condition[], values: unknown[]): string => {
  const parts = conditions.map(({ sql: text, values: mine }) => {
    let at = 0;
    return `(${text.replace(/\$(?!\d)/g, () => {
      values.push(mine[at]);
      at += 1;
      return `$${values.length}`;
    })})`;
  });
  return parts.length ? ` where ${parts.join(' and ')}` : '';
};
/** What these clients have. Of one client an index that begins with the client gives the order, too. */
export const ofClients = (column: string, clientIds: readonly number[]): Condition =>
  clientIds.length === 1
    ? { sql: `${column} = $::int`, values: [clientIds[0]] }
    : { sql: `${column} = any($::int[])`, values: [clientIds] };
/** Rows of any part. */
export const anyOf = (parts: readonly Condition[]): Condition => ({
  sql: parts.map((one) => `(${one.sql})`).join(' or '),
  values: parts.flatMap(({ values }) => values),
});

/** The order's values of the marker's row; undefined: it is not in sight. */
const markerRow = async (
  q: Queryable,
  spec: KeysetSpec,
  order: readonly OrderTerm[],
  conditions: readonly Condition[],
): Promise<unknown[] | undefined> => {
  const values: unknown[] = [];
  const where = whereOf(conditions, values);
  const columns = order.map((o, i) => `(${o.sql})::text k${i}`).join(', ');
  const [found] = await sql<Record<string, unknown>>(q, `select ${columns} from ${spec.from}${where}`, values);
  return found && order.map((_o, i) => found[`k${i}`]);
};
/**
 * The statement of so many rows.
 * @param wanted.parts none: one index serves the order
 * @param wanted.marker the order's values of the row behind which they are
 */
const rowsOf = (
  spec: KeysetSpec,
  order: readonly OrderTerm[],
  wanted: { conditions: readonly Condition[]; parts: readonly Part[]; marker: unknown[] | undefined; count: number },
): { text: string; values: unknown[] } => {
  const { conditions, parts, marker, count } = wanted;
  const values: unknown[] = [];
  const where = (part: Part | undefined, by: readonly OrderTerm[]): string =>
    whereOf([...(part ? [part] : []), ...conditions, ...(marker ? [behind(by, marker)] : [])], values);
  const own = orderBy(order, (o) => o.sql);
  const [only] = parts;
  if (parts.length < 2 && only?.from === undefined) {
    const text = `select ${spec.select} from ${spec.from}${where(only, order)} order by ${own} limit ${count}`;
    return { text, values };
  }
  const branches = parts.map((part) => {
    const by = orderIn(part, order);
    const keys = by.map((o, i) => `${o.sql} k${i}`).join(', ');
    return `(select ${part.id ?? spec.id.sql} id, ${keys} from ${part.from ?? spec.from}${where(part, by)}
      order by ${orderBy(by, (o) => o.sql)} limit ${count})`;
  });
  const first = `select id from (${branches.join(' union all ')}) parts
    order by ${orderBy(order, (_o, i) => `k${i}`)} limit ${count}`;
  return {
    text: `select ${spec.select} from ${spec.from} where ${spec.id.sql} = any(array(${first})) order by ${own}`,
    values,
  };
};

/**
 * One page.
 * @returns 'no_marker' when the marker names no row that the conditions of `scope` let through
 * @param scope what the caller may see at all: the marker is looked up in it, filters do not count for the marker
 * @param how.parts what the caller may see, in parts of which no two have a row in common: each is read by an index
 *   of its own, as far as the page goes. One condition with `or` would have every row looked at that comes before
 * @param how.sight where the marker is sought when that is not the parts, or one of them has tables of its own
 * @param how.kept whether PostgreSQL keeps the statement prepared: only for a page that is asked for all the time,
 *   since each connection keeps each such statement
 */
export const keysetPage = async <Row extends object>(
  q: Queryable,
  spec: KeysetSpec,
  { limit, marker, sort, conditions }: KeysetRequest,
  scope: readonly Condition[] = [],
  {
    parts = [],
    sight = parts.length ? anyOf(parts) : undefined,
    kept = false,
  }: { parts?: readonly Part[]; sight?: Condition | undefined; kept?: boolean } = {},
): Promise<KeysetPage<Row> | 'no_marker'> => {
  const order = orderOf(spec, sort);
  let after: unknown[] | undefined;
  if (marker !== undefined) {
    const its: Condition = { sql: `${spec.id.sql} = $::${spec.id.type}`, values: [marker] };
    after = await markerRow(q, spec, order, [...scope, ...(sight ? [sight] : []), its]);
    if (!after) return 'no_marker';
  }
  if (limit === 0) return { rows: [], more: false };
  const wanted = { conditions: [...scope, ...conditions], parts, marker: after, count: limit + 1 };
  const { text, values } = rowsOf(spec, order, wanted);
  const rows = await (kept ? prepared<Row> : sql<Row>)(q, text, values);
  return { rows: rows.slice(0, limit), more: rows.length > limit };
};
