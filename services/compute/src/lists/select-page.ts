import { Fault, sql, type Queryable } from '@nefos/service-kit';
import type { ListPlan, Page } from './list-query.js';

/** Runs the two statements of a page. @throws Fault not_found/page when the page lies behind the last one */
export const selectPage = async <Row extends object>(
  q: Queryable,
  { count, rows, values, request: { page, pageSize } }: ListPlan,
): Promise<Page<Row>> => {
  const [[counted], found] = await Promise.all([sql<{ total: number }>(q, count, values), sql<Row>(q, rows, values)]);
  const total = counted?.total ?? 0;
  if (page > 1 && !found.length) throw new Fault('not_found', 'page', { detail: 'Invalid page.' });
  return { rows: found, total, page, pageSize };
};
