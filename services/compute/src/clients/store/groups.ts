import {
  boolean,
  columns,
  em,
  Fault,
  generated,
  integer,
  run,
  table,
  text,
  violates,
  withDefault,
  type Queryable,
  type Row,
  type Tx,
} from '@nefos/service-kit';
import { withoutUndefined } from '../../without-undefined.js';
import type { Page } from '../../lists/list-plan.js';
import type { ListSpec, Query } from '../../lists/list-query.js';
import { pageOf } from '../../lists/select-page.js';

export const clientGroups = table(
  'client_group',
  { id: generated(integer()), name: text(), description: withDefault(text()), isDefault: withDefault(boolean()) },
  { primary: ['id'] },
);
export type Group = Row<typeof clientGroups>;
export const clientGroupMembers = table(
  'client_group_member',
  { clientId: integer(), groupId: integer() },
  { primary: ['clientId', 'groupId'] },
);

const groupList: ListSpec = {
  select: columns(clientGroups, 'g'),
  from: 'client_group g',
  fields: {
    id: { sql: 'g.id', type: 'int' },
    name: { sql: 'g.name', type: 'text' },
    is_default: { sql: 'g.is_default', type: 'boolean' },
  },
  search: ['g.name', 'g.description'],
  ordering: 'id',
  tie: 'g.id',
};
/** @throws Fault not_found/page, invalid/filter */
export const pageOfGroups = (q: Queryable, query: Query): Promise<Page<Group>> => pageOf<Group>(q, groupList, query);

const unlessNotUnique = (err: unknown): never => {
  throw violates(err, 'client_group_name_key')
    ? new Fault('invalid', 'validation', { issues: [{ path: ['name'], rule: 'unique' }] })
    : err;
};
export const findGroup = (q: Queryable, id: number): Promise<Group | null> => em(q).findOneBy(clientGroups, { id });
/** @throws Fault invalid: the name is taken */
export const insertGroup = async (q: Queryable, group: Omit<Group, 'id'>): Promise<Group> => {
  const { identifiers } = await em(q).insert(clientGroups, group).catch(unlessNotUnique);
  return { ...group, id: (identifiers[0] as { id: number }).id };
};
export type GroupChanges = { [K in Exclude<keyof Group, 'id'>]?: Group[K] | undefined };
/** Changes the values that are given. @returns null: there is no such group @throws Fault invalid: the name is taken */
export const updateGroup = async (q: Queryable, id: number, changes: GroupChanges): Promise<Group | null> => {
  const values = withoutUndefined(changes);
  if (Object.keys(values).length) await em(q).update(clientGroups, { id }, values).catch(unlessNotUnique);
  return findGroup(q, id);
};
/** @returns whether there was one */
export const deleteGroup = async (q: Queryable, id: number): Promise<boolean> =>
  ((await em(q).delete(clientGroups, { id })).affected ?? 0) > 0;

/** Replaces the groups of a client. */
export const setGroups = async (tx: Tx, clientId: number, groupIds: readonly number[]): Promise<void> => {
  // SQL: many rows at once.
  await run(tx, 'delete from client_group_member where client_id = $1 and group_id <> all($2)', [clientId, groupIds]);
  await run(
    tx,
    'insert into client_group_member (client_id, group_id) select $1, unnest($2::int[]) on conflict do nothing',
    [clientId, groupIds],
  );
};
