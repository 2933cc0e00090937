import { sql, type Queryable } from '@nefos/service-kit';
import { FEW, planList, type ListPlan, type Page } from './list-plan.js';
import { invalidPage, readListQuery, type Condition, type ListSpec, type Query } from './list-query.js';
import { createTotals } from './totals.js';

const totals = createTotals();
const numberOf = async (q: Queryable, text: string, values: readonly unknown[]): Promise<number> =>
  (await sql<{ total: number }>(q, text, values))[0]?.total ?? 0;
/** How many rows there are behind a page that is not the last one; see `createTotals`. */
const totalOf = async (q: Queryable, { count, countFew, values }: ListPlan): Promise<number> => {
  const all = (): Promise<number> => numberOf(q, count, values);
  // In a transaction only what it sees counts.
  if (!('pool' in q)) return all();
  const key = JSON.stringify([count, values]);
  const known = totals.known(q, key, all);
  if (known !== undefined) return known;
  const few = await numberOf(q, countFew, values);
  return few <= FEW ? few : totals.count(q, key, all);
};

/**
 * Runs the statements of a page. The rows of the last page say themselves how many there are: nothing is counted for
 * what fits into one page. @throws Fault not_found/page when the page lies behind the last one
 */
export const selectPage = async <Row extends object>(q: Queryable, plan: ListPlan): Promise<Page<Row>> => {
  const { page, pageSize } = plan.request;
  const found = await sql<Row>(q, plan.rows, plan.values);
  if (page > 1 && !found.length) throw invalidPage();
  const before = (page - 1) * pageSize;
  // What was remembered may be less than what is seen.
  const total =
    found.length <= pageSize ? before + found.length : Math.max(before + found.length, await totalOf(q, plan));
  return { rows: found.slice(0, pageSize), total, page, pageSize };
};
/**
 * A page of a list, for a store.
 * @param query of the request
 * @param scope what the caller may see at all
 * @param parts as for `planList`
 * @throws Fault not_found/page, invalid/filter
 */
export const pageOf = <Row extends object>(
  q: Queryable,
  spec: ListSpec,
  query: Query,
  scope: readonly Condition[] = [],
  parts: readonly Condition[] = [],
): Promise<Page<Row>> => selectPage<Row>(q, planList(spec, readListQuery(spec, query), scope, parts));
