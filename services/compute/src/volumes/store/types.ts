import { columns, em, type NewRow, type Queryable, type Tx } from '@nefos/service-kit';
import { invalid, violates } from '@nefos/service-kit';
import type { Page } from '../../lists/list-plan.js';
import type { Condition, ListSpec, Query } from '../../lists/list-query.js';
import { pageOf } from '../../lists/select-page.js';
import { refusal } from '../../refusals.js';
import { volumeTypes, type VolumeType } from '../tables.js';

export type { VolumeType };

const typeList: ListSpec = {
  select: columns(volumeTypes, 't'),
  from: 'volume_type t',
  fields: {
    id: { sql: 't.id', type: 'uuid' },
    name: { sql: 't.name', type: 'text' },
    region: { sql: 't.region_id', type: 'text', plain: true },
    is_public: { sql: 't.is_public', type: 'boolean', plain: true },
  },
  search: ['t.name', 't.description'],
  ordering: 'name',
  tie: 't.id',
};
const PUBLIC: Condition = { sql: 't.is_public', values: [] };
/** @param scope.all false: public ones only. @param scope.id only this one */
export const listTypes = (
  q: Queryable,
  query: Query,
  { all, id }: { all: boolean; id?: string },
): Promise<Page<VolumeType>> =>
  pageOf(q, typeList, query, [
    ...(id === undefined ? [] : [{ sql: 't.id = $::uuid', values: [id] }]),
    ...(all ? [] : [PUBLIC]),
  ]);
export const findType = async (q: Queryable, id: string): Promise<VolumeType | undefined> =>
  (await em(q).findOneBy(volumeTypes, { id })) ?? undefined;
export const findTypeNamed = async (q: Queryable, regionId: string, name: string): Promise<VolumeType | undefined> =>
  (await em(q).findOneBy(volumeTypes, { regionId, name })) ?? undefined;
const unlessTaken = (err: unknown): never => {
  throw violates(err, 'volume_type_region_id_name_key') ? invalid([{ path: ['name'], rule: 'unique' }]) : err;
};
/** @throws Fault invalid: the name is taken */
export const insertType = async (tx: Tx, type: NewRow<typeof volumeTypes>): Promise<void> => {
  await em(tx).insert(volumeTypes, type).catch(unlessTaken);
};
/** @returns whether there is one. @throws Fault invalid: the name is taken */
export const updateType = async (
  tx: Tx,
  id: string,
  changes: Partial<Omit<VolumeType, 'id' | 'regionId' | 'createdAt'>>,
): Promise<boolean> =>
  Object.keys(changes).length
    ? ((await em(tx).update(volumeTypes, { id }, changes).catch(unlessTaken)).affected ?? 0) > 0
    : em(tx).existsBy(volumeTypes, { id });
/** @returns whether there was one. @throws Fault conflict/catalog.in_use */
export const deleteType = async (tx: Tx, id: string): Promise<boolean> =>
  ((
    await em(tx)
      .delete(volumeTypes, { id })
      .catch((err: unknown) => {
        throw violates(err, 'volume_type_id_fkey')
          ? refusal('conflict', 'catalog.in_use', { thing: 'volume type', users: 'volumes' })
          : err;
      })
  ).affected ?? 0) > 0;
