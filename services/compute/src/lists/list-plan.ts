import type { Condition, ListRequest, ListSpec } from './list-query.js';

/** Statements of one page; the same parameters serve both. */
export interface ListPlan {
  count: string;
  rows: string;
  values: readonly unknown[];
  request: ListRequest;
}
export interface Page<Row> {
  rows: Row[];
  total: number;
  page: number;
  pageSize: number;
}

/** The statements of a page. @param scope what the caller may see at all */
export const planList = (spec: ListSpec, request: ListRequest, scope: readonly Condition[] = []): ListPlan => {
  const values: unknown[] = [];
  const numbered = ({ sql, values: mine }: Condition): string => {
    let at = 0;
    return sql.replace(/\$(?!\d)/g, () => {
      values.push(mine[at]);
      at += 1;
      return `$${values.length}`;
    });
  };
  const where = [...scope, ...request.conditions].map((one) => `(${numbered(one)})`).join(' and ');
  const source = `from ${spec.from}${where && ` where ${where}`}`;
  // The keys of the page are found first: expressions of `select` are computed for its rows only.
  const { orderBy, page, pageSize } = request;
  const keys = `select ${spec.tie} ${source} order by ${orderBy} limit ${pageSize} offset ${(page - 1) * pageSize}`;
  return {
    count: `select count(*)::int total ${source}`,
    rows: `select ${spec.select} from ${spec.from} where ${spec.tie} = any(array(${keys})) order by ${orderBy}`,
    values,
    request,
  };
};
