import { sql, type Queryable } from '@nefos/service-kit';
import { planList, type ListPlan, type Page } from './list-plan.js';
import { invalidPage, readListQuery, type Condition, type ListSpec, type Query } from './list-query.js';

/** Runs the two statements of a page. @throws Fault not_found/page when the page lies behind the last one */
export const selectPage = async <Row extends object>(
  q: Queryable,
  { count, rows, values, request: { page, pageSize } }: ListPlan,
): Promise<Page<Row>> => {
  const [[counted], found] = await Promise.all([sql<{ total: number }>(q, count, values), sql<Row>(q, rows, values)]);
  const total = counted?.total ?? 0;
  if (page > 1 && !found.length) throw invalidPage();
  return { rows: found, total, page, pageSize };
};
/**
 * A page of a list, for a store.
 * @param query of the request
 * @param scope what the caller may see at all
 * @throws Fault not_found/page, invalid/filter
 */
export const pageOf = <Row extends object>(
  q: Queryable,
  spec: ListSpec,
  query: Query,
  scope: readonly Condition[] = [],
): Promise<Page<Row>> => selectPage<Row>(q, planList(spec, readListQuery(spec, query), scope));
