import { em, run, safeInteger, sql, table, uuid, type Queryable, type Tx } from '@nefos/service-kit';

/** Who may work in a component's project. A member need not have an account yet. */
export const projectMembers = table(
  'project_member',
  { projectId: safeInteger(), accountUuid: uuid() },
  { primary: ['projectId', 'accountUuid'] },
);
export const isMemberOf = (q: Queryable, projectId: number, accountUuid: string): Promise<boolean> =>
  em(q).existsBy(projectMembers, { projectId, accountUuid });
/** Makes these the members. SQL: many rows at once. @returns uuids of those who were members and are so no more */
export const setMembers = async (tx: Tx, projectId: number, members: readonly string[]): Promise<string[]> => {
  const removed = await sql<{ uuid: string }>(
    tx,
    'delete from project_member where project_id = $1 and account_uuid <> all($2::uuid[]) returning account_uuid uuid',
    [projectId, members],
  );
  await run(
    tx,
    'insert into project_member (project_id, account_uuid) select $1, unnest($2::uuid[]) on conflict do nothing',
    [projectId, members],
  );
  return removed.map((row) => row.uuid);
};
/** Ids of the members' accounts. SQL: the table of accounts belongs to a later area. */
export const listMemberAccounts = async (tx: Tx, projectId: number): Promise<number[]> =>
  (
    await sql<{ id: number }>(
      tx,
      `select a.id::float8 id from project_member m join account a on a.uuid = m.account_uuid where m.project_id = $1`,
      [projectId],
    )
  ).map((row) => row.id);
/** The uuid of a component's project of this name. SQL: the condition is that of the index. */
export const findComponentProject = async (q: Queryable, name: string): Promise<string | undefined> =>
  (
    await sql<{ uuid: string }>(
      q,
      `select uuid from project where realname = $1 and made_by is not null and state <> 'deleted'`,
      [name],
    )
  )[0]?.uuid;

const MEMBERSHIP = `select 1 from project p join project_member m on m.project_id = p.id
  where p.uuid = $1 and p.made_by is not null and p.state = 'active' and m.account_uuid = $2`;
/** Whether the account is a member of this component's project, and the project active. */
export const hasMembership = async (q: Queryable, project: string, accountUuid: string): Promise<boolean> =>
  (await run(q, MEMBERSHIP, [project, accountUuid])) === 1;
/** The same. Share-locks the project: its members and state stay as they are until the transaction ends. */
export const shareLockMembership = async (tx: Tx, project: string, accountUuid: string): Promise<boolean> => {
  // The lock first: what was read before it is older than what a change left that it waited for.
  await run(tx, 'select 1 from project where uuid = $1 for share', [project]);
  return hasMembership(tx, project, accountUuid);
};
