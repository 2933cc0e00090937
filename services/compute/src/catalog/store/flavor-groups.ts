import { columns, em, run, type NewRow, type Queryable, type Tx } from '@nefos/service-kit';
import type { Page } from '../../lists/list-plan.js';
import type { ListSpec, Query } from '../../lists/list-query.js';
import { pageOf } from '../../lists/select-page.js';
import { flavorGroups, type FlavorGroup } from '../tables.js';
import { unlessTaken } from './refusals.js';

export type { FlavorGroup };

const flavorGroupList: ListSpec = {
  select: columns(flavorGroups, 'g'),
  from: 'flavor_group g',
  fields: {
    id: { sql: 'g.id', type: 'int' },
    name: { sql: 'g.name', type: 'text' },
    priority: { sql: 'g.priority', type: 'int' },
  },
  search: ['g.name', 'g.description'],
  ordering: 'priority',
  tie: 'g.id',
};
/** Everybody sees all groups. @param scope.id only this one */
export const listFlavorGroups = (q: Queryable, query: Query, { id }: { id?: string }): Promise<Page<FlavorGroup>> =>
  pageOf(q, flavorGroupList, query, id === undefined ? [] : [{ sql: 'g.id = $::int', values: [id] }]);

export type GroupChanges = Partial<Omit<FlavorGroup, 'id'>>;
const unlessNameTaken = unlessTaken('flavor_group_name_key', 'name');
/** @returns its id @throws Fault invalid: the name is taken */
export const insertFlavorGroup = async (tx: Tx, group: NewRow<typeof flavorGroups>): Promise<number> => {
  const { identifiers } = await em(tx)
    .insert(flavorGroups, { ...group })
    .catch(unlessNameTaken);
  return (identifiers[0] as { id: number }).id;
};
/** Changes what is given. @returns whether there is such a group @throws Fault invalid: the name is taken */
export const updateFlavorGroup = async (tx: Tx, id: number, changes: GroupChanges): Promise<boolean> => {
  if (Object.keys(changes).length)
    await em(tx)
      .update(flavorGroups, { id }, { ...changes })
      .catch(unlessNameTaken);
  return em(tx).existsBy(flavorGroups, { id });
};
/** Its flavors have no group afterwards. @returns whether there was one */
export const deleteFlavorGroup = async (tx: Tx, id: number): Promise<boolean> =>
  ((await em(tx).delete(flavorGroups, { id })).affected ?? 0) > 0;
/** Whether there is such a group. It is not deleted until this transaction ends. SQL: locks. */
export const shareLockGroup = async (tx: Tx, id: number): Promise<boolean> =>
  (await run(tx, 'select from flavor_group where id = $1 for key share', [id])) > 0;
