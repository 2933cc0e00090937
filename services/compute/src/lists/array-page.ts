import { rowsOf, wholeNumber } from '@nefos/contracts';
import type { Page } from './list-plan.js';
import { invalidPage, lastOf, type Query } from './list-query.js';

/** A page of rows that are in memory; only `page` and `page_size` are read. @throws Fault not_found/page */
export const pageOfArray = <Row>(rows: readonly Row[], query: Query): Page<Row> => {
  const page = wholeNumber(lastOf(query.page) ?? '1') ?? 0;
  const pageSize = rowsOf(lastOf(query.page_size), 500) ?? 20;
  const found = rows.slice((page - 1) * pageSize, page * pageSize);
  if (page < 1 || (page > 1 && !found.length)) throw invalidPage();
  return { rows: found, total: rows.length, page, pageSize };
};
