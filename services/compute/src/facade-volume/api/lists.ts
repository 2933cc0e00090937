import type { Request } from 'express';
import type { ComputeRequest } from '../../ctx.js';
import { nextLinks } from '../../facade/api/links.js';
import { since } from '../../facade/api/microversion.js';
import { queryBoolean, queryLimit, queryText, type FaceQuery } from '../../facade/api/query.js';
import { faceFault, named } from '../../facade/api/refused.js';
import type { KeysetSpec, SortKey } from '../../lists/keyset.js';
import type { Condition } from '../../lists/list-query.js';
import { pageOf, thingsInView } from '../domain/pages.js';
import { filtersOf, projectFilter, type FilterSet } from './filters.js';

const MAX_OFFSET = 10_000;
const offsetOf = (query: FaceQuery): number => {
  const text = queryText(query, 'offset');
  if (text === undefined || text === '') return 0;
  if (!/^\d{1,9}$/.test(text) || Number(text) > MAX_OFFSET)
    throw faceFault('invalid', `offset must be a number from 0 to ${MAX_OFFSET}; use a marker to go further.`);
  return Number(text);
};
const direction = (text: string | undefined): boolean => {
  if (text === undefined || text === '' || text === 'desc') return true;
  if (text === 'asc') return false;
  throw faceFault('invalid', `Invalid input received: Sort direction ${text.slice(0, 50)} is invalid.`);
};
/**
 * `sort=created_at:desc,name`, or the older `sort_key` and `sort_dir`.
 * @param nameSince where `name` began to be a key; it was `display_name` before
 * @throws Fault invalid: both, or what is no key or direction
 */
const sortOf = (ctx: ComputeRequest, query: FaceQuery, { keys }: KeysetSpec, nameSince = 0): SortKey[] => {
  const [sort, key, dir] = ['sort', 'sort_key', 'sort_dir'].map((name) => queryText(query, name));
  if (sort !== undefined && (key !== undefined || dir !== undefined))
    throw faceFault(
      'invalid',
      "The 'sort_key' and 'sort_dir' parameters are deprecated and cannot be used with the 'sort' parameter.",
    );
  const usual = Object.hasOwn(keys, 'created_at') ? 'created_at' : 'id';
  const wanted = sort
    ? sort
        .split(',')
        .slice(0, 20)
        .map((one) => one.trim().split(':'))
    : [[key ?? usual, dir]];
  return wanted.map(([name = '', way]) => {
    if (!Object.hasOwn(keys, name) || (name === 'name' && !since(ctx, nameSince)))
      throw faceFault('invalid', `Invalid input received: Sort key ${name.slice(0, 50)} is not known.`);
    return { key: name, descending: direction(way) };
  });
};
/** Whether an administrator asks for everybody's. */
export const allAsked = (ctx: ComputeRequest, query: FaceQuery): boolean =>
  (ctx.scope?.admin ?? false) && (queryBoolean(query, 'all_tenants') ?? queryBoolean(query, 'all_projects') ?? false);

export interface ListOf<Row> {
  spec: KeysetSpec;
  filters: FilterSet;
  /** The key of the body: `volumes`. */
  key: string;
  /** The key of the link to the next page, where it is not `<key>_links`. */
  linksKey?: string;
  /** The word in the sentence of an unknown marker. */
  word: string;
  path: string;
  view: (row: Row) => object;
  /** Where the client stands. */
  clientColumn?: string;
  /** What the caller may see, where no client owns the rows. */
  scope?: Condition[];
  /** The microversion from which `name` is a sort key. */
  nameSince?: number;
}
/** The body of a list: a page, where the next one is, and how many there are when that is asked (3.45). */
export const listBody = async <Row extends { id: string }>(
  ctx: ComputeRequest,
  { req, query }: { req: Request; query: FaceQuery },
  { spec, filters, key, word, path, view, clientColumn, scope, nameSince, linksKey = `${key}_links` }: ListOf<Row>,
): Promise<Record<string, unknown>> => {
  const all = allAsked(ctx, query);
  const marker = queryText(query, 'marker');
  const ofProject = all && clientColumn === undefined && scope === undefined;
  const page = await named(
    () =>
      pageOf<Row>(
        ctx,
        spec,
        {
          limit: queryLimit(query),
          offset: offsetOf(query),
          marker,
          sort: sortOf(ctx, query, spec, nameSince),
          conditions: [...filtersOf(ctx, query, filters), ...(ofProject ? projectFilter(query) : [])],
          count: since(ctx, 45) && (queryBoolean(query, 'with_count') ?? false),
        },
        scope ?? thingsInView(ctx, all, clientColumn),
      ),
    `${word} ${marker ?? ''} could not be found.`,
  );
  const last = page.rows.at(-1);
  return {
    [key]: page.rows.map(view),
    ...(page.more && last && { [linksKey]: nextLinks(ctx, req, path, last.id) }),
    ...(page.count !== undefined && { count: page.count }),
  };
};
