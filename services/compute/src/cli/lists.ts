import type { Command } from 'commander';
import type { ComputeRequest } from '../ctx.js';
import type { Page } from '../lists/list-plan.js';
import type { Query } from '../lists/list-query.js';
import type { MakeAction } from './action.js';
import type { Printed, Row } from './output.js';
import { wholeNumber } from './values.js';

interface Options {
  limit: number;
  page: number;
  search?: string;
  filter?: string;
  ordering?: string;
  region?: string;
}
/** How a thing is listed: the domain's list, and the row that stands for one. */
export interface Listing<T> {
  list: (ctx: ComputeRequest, query: Query) => Promise<Page<T>>;
  row: (one: T, ctx: ComputeRequest) => Row;
  /** Whether the list can be narrowed to a region. */
  byRegion?: boolean;
}
const MOST = 500;
/** `<thing> list`, with the paging, search and filters of the API's list. */
export const addList = <T>(thing: Command, action: MakeAction, { list, row, byRegion = false }: Listing<T>): void => {
  const work = async (ctx: ComputeRequest, o: Options): Promise<Printed> => {
    const page = await list(ctx, {
      page: String(o.page),
      page_size: String(o.limit),
      search: o.search,
      filtering: o.filter,
      ordering: o.ordering,
      region: o.region,
    });
    const hasMore = page.page * page.pageSize < page.total;
    return {
      rows: page.rows.map((one) => row(one, ctx)),
      note: hasMore
        ? `these are ${page.rows.length} of ${page.total}; the next ones: --page ${page.page + 1}`
        : undefined,
    };
  };
  const command = thing
    .command('list')
    .option('--limit <number>', 'lines at most', wholeNumber(MOST), 100)
    .option('--page <number>', 'the next lines', wholeNumber(1_000_000), 1)
    .option('--search <words>')
    .option('--filter <terms>', 'as `filtering` of the API: status:active+name__contains:web')
    .option('--ordering <fields>', 'such as name or -id');
  if (byRegion) command.option('--region <region>');
  command.action(action(work));
};
