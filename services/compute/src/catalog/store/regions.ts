import { columns, em, sql, type NewRow, type Queryable, type Tx, prepared } from '@nefos/service-kit';
import type { Page } from '../../lists/list-plan.js';
import type { Condition, ListSpec, Query } from '../../lists/list-query.js';
import { pageOf } from '../../lists/select-page.js';
import { regions, type Region } from '../tables.js';
import { unlessTaken, unlessUsed } from './refusals.js';

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
  // SQL: prepared, it runs for every create.
  (await prepared<Region>(q, `select ${columns(regions)} from region where id = $1`, [id]))[0];
export const listRegionIds = async (q: Queryable): Promise<string[]> =>
  (await em(q).find(regions, { select: { id: true }, order: { id: 'asc' } })).map(({ id }) => id);

/** Settings and secrets of the driver are set by `setRegionDriver`. */
export type NewRegion = Omit<NewRow<typeof regions>, 'driverSettings' | 'driverSecrets'>;
export type RegionChanges = Partial<Omit<Region, 'id' | 'driverSettings' | 'driverSecrets'>>;
/** @throws Fault invalid: the name is taken */
export const insertRegion = async (tx: Tx, region: NewRegion): Promise<void> => {
  await em(tx)
    .insert(regions, { ...region })
    .catch(unlessTaken('region_pkey', 'id'));
};
/** The region, which gets no new instance until this transaction ends. */
export const lockRegion = async (tx: Tx, id: string): Promise<Region | undefined> =>
  (await sql<Region>(tx, `select ${columns(regions)} from region where id = $1 for update`, [id]))[0];
/** Whether there is such a region. It is not deleted until this transaction ends. SQL: locks. */
export const shareLockRegion = async (tx: Tx, id: string): Promise<boolean> =>
  (await sql(tx, 'select from region where id = $1 for key share', [id])).length > 0;
/** @param options.moved to another driver: settings and secrets were those of the one before */
export const updateRegion = async (
  tx: Tx,
  id: string,
  changes: RegionChanges,
  { moved }: { moved: boolean },
): Promise<void> => {
  const none = moved ? { driverSettings: {}, driverSecrets: null } : {};
  if (Object.keys(changes).length) await em(tx).update(regions, { id }, { ...changes, ...none });
};
/** @returns whether there was one @throws Fault conflict/catalog.in_use */
export const deleteRegion = async (tx: Tx, id: string): Promise<boolean> =>
  ((await em(tx).delete(regions, { id }).catch(unlessUsed('region'))).affected ?? 0) > 0;
/** Whether an instance that is not deleted is in it, or a volume or a backup of one. SQL: tables of later areas. */
export const hasInstances = async (tx: Tx, id: string): Promise<boolean> =>
  (
    await sql(
      tx,
      `select from instance where region_id = $1 and vm_state <> 'deleted' union all
      select from volume where region_id = $1 union all select from volume_backup where region_id = $1 limit 1`,
      [id],
    )
  ).length > 0;
