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

/**
 * The statements of a page.
 * @param scope what the caller may see at all
 * @param parts the same, as parts of which no two have a row in common: each is read by an index of its own. One
 *   condition with `or` would have all rows looked at that come before the page's in the order of the table
 */
export const planList = (
  spec: ListSpec,
  request: ListRequest,
  scope: readonly Condition[] = [],
  parts: readonly Condition[] = [],
): ListPlan => {
  const values: unknown[] = [];
  const numbered = ({ sql, values: mine }: Condition): string => {
    let at = 0;
    return sql.replace(/\$(?!\d)/g, () => {
      values.push(mine[at]);
      at += 1;
      return `$${values.length}`;
    });
  };
  const common = [...scope, ...request.conditions].map((one) => `(${numbered(one)})`);
  const wheres = parts.length
    ? parts.map((part) => [...common, `(${numbered(part)})`].join(' and '))
    : [common.join(' and ')];
  // The keys of the page are found first: expressions of `select` are computed for its rows only.
  const { orderBy, page, pageSize } = request;
  const alone = spec.table !== undefined && !namesJoined(spec.from, `${wheres.join(' ')} ${orderBy}`);
  const sources = wheres.map((where) => `from ${alone ? spec.table : spec.from}${where && ` where ${where}`}`);
  const all = sources.map((source) => `select ${source}`).join(' union all ');
  const before = (page - 1) * pageSize;
  const cut = `limit ${pageSize + 1} offset ${before}`;
  const keys = sources.map((source) => `select ${spec.tie} ${source} order by ${orderBy}`);
  const [only = ''] = keys;
  const found =
    keys.length === 1
      ? `${only} ${cut}`
      : keys.map((one) => `(${one} limit ${before + pageSize + 1})`).join(' union all ');
  const rows = `select ${spec.select} from ${spec.from} where ${spec.tie} = any(array(${found})) order by ${orderBy}`;
  return {
    count:
      sources.length === 1
        ? `select count(*)::int total ${sources[0]}`
        : `select count(*)::int total from (${all}) seen`,
    countFew: `select count(*)::int total from (${all} limit ${FEW + 1}) few`,
    rows: keys.length === 1 ? rows : `${rows} ${cut}`,
    values,
    request,
  };
};
