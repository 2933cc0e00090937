import { run, sql, type Queryable, type Tx } from '@nefos/service-kit';

export interface Group {
  id: number;
  name: string;
}
export const listGroups = (q: Queryable): Promise<Group[]> =>
  sql<Group>(q, 'select id, name from account_group order by id');
/** The group of this name, made when it is missing. */
export const ensureGroup = async (tx: Tx, name: string): Promise<Group> => {
  await run(tx, 'insert into account_group (name) values ($1) on conflict (name) do nothing', [name]);
  return (await sql<Group>(tx, 'select id, name from account_group where name = $1', [name]))[0] as Group;
};
export const insertMember = (tx: Tx, accountId: number, groupId: number): Promise<number> =>
  run(tx, 'insert into group_member (account_id, group_id) values ($1, $2) on conflict do nothing', [
    accountId,
    groupId,
  ]);
export const deleteMember = (tx: Tx, accountId: number, groupName: string): Promise<number> =>
  run(
    tx,
    'delete from group_member where account_id = $1 and group_id = (select id from account_group where name = $2)',
    [accountId, groupName],
  );
