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

interface OrderTerm {
  sql: string;
  type: string;
  descending: boolean;
}
/** The order with the id at its end, in the direction of the last key: so that an index can serve it. */
const orderOf = (spec: KeysetSpec, sort: readonly SortKey[]): OrderTerm[] => {
  const terms = sort.flatMap(({ key, descending }) => {
    const found = Object.hasOwn(spec.keys, key) ? spec.keys[key] : undefined;
    return found ? [{ ...found, descending }] : [];
  });
  return [...terms, { ...spec.id, descending: terms.at(-1)?.descending ?? false }];
};
/** Rows behind the marker's. One direction is one comparison of rows, which an index serves as a range. */
const behind = (order: readonly OrderTerm[], values: readonly unknown[], place: (value: unknown) => string): string => {
  const at = (i: number): string => `${place(values[i])}::${order[i]?.type}`;
  const uniform = order.every(({ descending }) => descending === order[0]?.descending);
  if (uniform) {
    const row = order.map((o) => o.sql).join(', ');
    return `(${row}) ${order[0]?.descending ? '<' : '>'} (${order.map((_o, i) => at(i)).join(', ')})`;
  }
  return order
    .map(({ sql: column, descending }, i) => {
      const equal = order.slice(0, i).map((before, j) => `${before.sql} = ${at(j)}`);
      return `(${[...equal, `${column} ${descending ? '<' : '>'} ${at(i)}`].join(' and ')})`;
    })
    .join(' or ');
};

/**
 * One page.
 * @returns 'no_marker' when the marker names no row that the conditions of `scope` let through
 * @param scope what the caller may see at all: the marker is looked up in it, filters do not count for the marker
 * @param kept whether PostgreSQL keeps the statement prepared: only for a page that is asked for all the time, since
 *   each connection keeps each such statement
 */
export const keysetPage = async <Row extends object>(
  q: Queryable,
  spec: KeysetSpec,
  { limit, marker, sort, conditions }: KeysetRequest,
  scope: readonly Condition[] = [],
  kept = false,
): Promise<KeysetPage<Row> | 'no_marker'> => {
  const order = orderOf(spec, sort);
  const statement = (parts: readonly Condition[]): { where: string[]; values: unknown[] } => {
    const values: unknown[] = [];
    const where = parts.map(({ sql: text, values: mine }) => {
      let at = 0;
      return `(${text.replace(/\$(?!\d)/g, () => {
        values.push(mine[at]);
        at += 1;
        return `$${values.length}`;
      })})`;
    });
    return { where, values };
  };
  const { where, values } = statement([...scope, ...conditions]);
  if (marker !== undefined) {
    const own = statement([...scope, { sql: `${spec.id.sql} = $::${spec.id.type}`, values: [marker] }]);
    const [found] = await sql<Record<string, unknown>>(
      q,
      `select ${order.map((o, i) => `(${o.sql})::text k${i}`).join(', ')} from ${spec.from}
      where ${own.where.join(' and ')}`,
      own.values,
    );
    if (!found) return 'no_marker';
    const place = (value: unknown): string => {
      values.push(value);
      return `$${values.length}`;
    };
    where.push(
      `(${behind(
        order,
        order.map((_o, i) => found[`k${i}`]),
        place,
      )})`,
    );
  }
  if (limit === 0) return { rows: [], more: false };
  const rows = await (kept ? prepared<Row> : sql<Row>)(
    q,
    `select ${spec.select} from ${spec.from}${where.length ? ` where ${where.join(' and ')}` : ''}
    order by ${order.map((o) => `${o.sql}${o.descending ? ' desc' : ''}`).join(', ')} limit ${limit + 1}`,
    values,
  );
  return { rows: rows.slice(0, limit), more: rows.length > limit };
};
