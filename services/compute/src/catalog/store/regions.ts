import { columns, em, type Queryable } from '@nefos/service-kit';
import type { Page } from '../../lists/list-plan.js';
import type { Condition, ListSpec, Query } from '../../lists/list-query.js';
import { pageOf } from '../../lists/select-page.js';
import { regions, type Region } from '../tables.js';

export type { Region };

const regionList: ListSpec = {
  select: columns(regions, 'r'),
  from: 'region r',
  fields: { id: { sql: 'r.id', type: 'text' }, enabled: { sql: 'r.enabled', type: 'boolean' } },
  search: ['r.id', 'r.description'],
  ordering: 'id',
  tie: 'r.id',
};
/**
 * @param scope.clientIds null: all regions; else the enabled ones, which every client sees.
 * @param scope.id only this one
 */
export const listRegions = (
  q: Queryable,
  query: Query,
  { clientIds, id }: { clientIds: readonly number[] | null; id?: string },
): Promise<Page<Region>> => {
  const enabled: Condition = { sql: 'r.enabled', values: [] };
  return pageOf(q, regionList, query, [
    ...(id === undefined ? [] : [{ sql: 'r.id = $::text', values: [id] }]),
    ...(clientIds ? [enabled] : []),
  ]);
};
export const findRegion = async (q: Queryable, id: string): Promise<Region | undefined> =>
  (await em(q).findOneBy(regions, { id })) ?? undefined;
export const listRegionIds = async (q: Queryable): Promise<string[]> =>
  (await em(q).find(regions, { select: { id: true }, order: { id: 'asc' } })).map(({ id }) => id);
