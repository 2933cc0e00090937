import type { Condition, ListRequest, ListSpec } from './list-query.js';

/** Statements of one page; the same parameters serve both. */
export interface ListPlan {
  /** Of all rows. */
  count: string;
  /** Of so many rows that counting them costs little; one more: there are more. */
  countFew: string;
  /** The page, and one row more when there is one behind it. */
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

/** Up to so many rows are counted anew for every page. */
export const FEW = 10_000;

/** Whether a text names a table that is joined. */
const namesJoined = (from: string, text: string): boolean =>
  [...from.matchAll(/\bjoin\s+\w+\s+(\w+)\s+on\b/g)].some(([, alias]) => new RegExp(`\\b${alias}\\.`).test(text));

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
  // The keys of the page are found first: expressions of `select` are computed for its rows only.
  const { orderBy, page, pageSize } = request;
  const alone = spec.table !== undefined && !namesJoined(spec.from, `${where} ${orderBy}`);
  const source = `from ${alone ? spec.table : spec.from}${where && ` where ${where}`}`;
  const keys = `select ${spec.tie} ${source} order by ${orderBy} limit ${pageSize + 1} offset ${(page - 1) * pageSize}`;
  return {
    count: `select count(*)::int total ${source}`,
    countFew: `select count(*)::int total from (select ${source} limit ${FEW + 1}) few`,
    rows: `select ${spec.select} from ${spec.from} where ${spec.tie} = any(array(${keys})) order by ${orderBy}`,
    values,
    request,
  };
};
