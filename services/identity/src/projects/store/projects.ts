import { run, sql, type Queryable, type Tx } from '@nefos/service-kit';

/** Amounts are text of up to 2^63-1; `resources` is JSON text with exact numbers. */
export interface Project {
  id: number;
  uuid: string;
  state: 'uninitialized' | 'active' | 'suspended' | 'terminated' | 'deleted';
  realname: string;
  homepage: string;
  description: string;
  creationDate: string;
  endDate: string;
  joinPolicy: string;
  leavePolicy: string;
  maxMembers: string;
  private: boolean;
  isBase: boolean;
  baseOf: number | null;
  ownerId: number | null;
  ownerUuid: string | null;
  resources: string;
  deactivationDate: string | null;
}
export interface Application {
  id: number;
  state: string;
  name: string;
  owner: string;
  applicant: string;
  applicantId: number;
  homepage: string;
  description: string;
  startDate: string;
  endDate: string;
  comments: string;
  joinPolicy: string;
  leavePolicy: string;
  maxMembers: string;
  private: boolean;
  resources: string;
}
export interface NewProject {
  uuid: string;
  name: string;
  homepage: string;
  description: string;
  /** null: when it was applied for. */ startDate: string | null;
  endDate: string;
  joinPolicy: string;
  leavePolicy: string;
  maxMembers: bigint;
  private: boolean;
  resources: string;
  ownerId: number;
  applicantId: number;
  comments: string;
}

const COLUMNS = `p.id::int, p.uuid, p.state, p.realname, p.homepage, p.description, p.creation_date "creationDate", p.end_date "endDate", p.join_policy "joinPolicy", p.leave_policy "leavePolicy",
  p.max_members "maxMembers", p.private, p.is_base "isBase", p.base_of::int "baseOf", p.owner_id::int "ownerId", o.uuid "ownerUuid", p.resources::text, p.deactivation_date "deactivationDate"`;
const FROM = 'from project p left join account o on o.id = p.owner_id';
export const findProject = async (q: Queryable, uuid: string): Promise<Project | undefined> =>
  (await sql<Project>(q, `select ${COLUMNS} ${FROM} where p.uuid = $1`, [uuid]))[0];
export const lockProject = async (tx: Tx, uuid: string): Promise<Project | undefined> =>
  (await sql<Project>(tx, `select ${COLUMNS} ${FROM} where p.uuid = $1 for no key update of p`, [uuid]))[0];
/** Own projects and the own system project, that one first. */
export const listProjectsOf = (q: Queryable, accountId: number, { limit }: { limit: number }): Promise<Project[]> =>
  sql<Project>(
    q,
    `select ${COLUMNS} ${FROM} where p.owner_id = $1 or p.base_of = $1 order by p.is_base desc, p.id limit $2`,
    [accountId, limit],
  );
/** The number behind the uuid that a page begins after; undefined when no project has it. */
export const numberOf = async (q: Queryable, uuid: string): Promise<string | undefined> =>
  (await sql<{ id: string }>(q, 'select id::text id from project where uuid = $1', [uuid]))[0]?.id;
/** The number of the account of this uuid, by which its projects are found. */
export const findOwner = async (q: Queryable, uuid: string): Promise<number | undefined> =>
  (await sql<{ id: number }>(q, 'select id::int from account where uuid = $1', [uuid]))[0]?.id;
export interface ProjectFilter {
  limit: number;
  /** The number of the project that the page begins after. */ after: string;
  name?: string | undefined;
  enabled?: boolean | undefined;
  /** Who owns it, or whose system project it is. */ accountId?: number | undefined;
}
/** A page by id. Every filter has an index. */
export const listAllProjects = (
  q: Queryable,
  { limit, after, name, enabled, accountId }: ProjectFilter,
): Promise<Project[]> => {
  const values: unknown[] = [after, limit];
  const conditions = ['p.id > $1'];
  if (name !== undefined) conditions.push(`p.realname = $${values.push(name)}`);
  if (accountId !== undefined) {
    const n = values.push(accountId);
    conditions.push(`(p.owner_id = $${n} or p.base_of = $${n})`);
  }
  if (enabled !== undefined) conditions.push(`p.state ${enabled ? '=' : '<>'} 'active'`);
  return sql<Project>(q, `select ${COLUMNS} ${FROM} where ${conditions.join(' and ')} order by p.id limit $2`, values);
};

/** Absent is made, present stays. Both policies closed, one member, a hundred years (contract identity §2). */
export const ensureSystemProject = (tx: Tx, accountId: number, uuid: string): Promise<number> =>
  run(
    tx,
    `
  insert into project (uuid, realname, is_base, base_of, end_date, join_policy, leave_policy, max_members, private, state) values ($2::uuid, 'system:' || $2::uuid, true, $1, now() + interval '100 years', 'closed', 'closed', 1, true, 'active') on conflict do nothing`,
    [accountId, uuid],
  );
export const setSystemProjectState = (tx: Tx, accountId: number, state: 'active' | 'suspended'): Promise<number> =>
  run(
    tx,
    "update project set state = $2, deactivation_date = case when $2 = 'suspended' then now() else deactivation_date end where base_of = $1 and state <> $2",
    [accountId, state],
  );

export const insertProject = async (tx: Tx, p: NewProject): Promise<{ uuid: string; application: number }> => {
  const values = [
    p.name,
    p.homepage,
    p.description,
    p.endDate,
    p.joinPolicy,
    p.leavePolicy,
    String(p.maxMembers),
    p.private,
    p.resources,
  ];
  const [made] = await sql<{ id: string }>(
    tx,
    `insert into project (realname, homepage, description, end_date, join_policy, leave_policy, max_members, private, resources, uuid, owner_id, state)
    values ($1, $2, $3, $4::timestamptz, $5, $6, $7, $8, $9::jsonb, $10, $11, 'uninitialized') returning id`,
    [...values, p.uuid, p.ownerId],
  );
  const [application] = await sql<{ id: number }>(
    tx,
    `insert into project_application (name, homepage, description, end_date, join_policy, leave_policy, max_members, private, resources, project_id, applicant_id, owner_id, comments, start_date, state)
    values ($1, $2, $3, $4::timestamptz, $5, $6, $7, $8, $9::jsonb, $10, $11, $12, $13, $14::timestamptz, 'pending') returning id::int`,
    [...values, (made as { id: string }).id, p.applicantId, p.ownerId, p.comments, p.startDate],
  );
  return { uuid: p.uuid, application: (application as { id: number }).id };
};
/** The last application of each of these projects, in one statement. */
export const findLastApplications = (
  q: Queryable,
  projectIds: readonly number[],
): Promise<(Application & { projectId: number })[]> =>
  sql(
    q,
    `
  select distinct on (p.project_id) p.project_id::int "projectId", p.id::int, p.state, p.name, o.uuid owner, a.uuid applicant, p.applicant_id::int "applicantId", p.homepage, p.description, coalesce(p.start_date, p.issue_date) "startDate", p.end_date "endDate", p.comments, p.join_policy "joinPolicy", p.leave_policy "leavePolicy",
    p.max_members "maxMembers", p.private, p.resources::text from project_application p join account o on o.id = p.owner_id join account a on a.id = p.applicant_id where p.project_id = any($1::bigint[]) order by p.project_id, p.id desc`,
    [projectIds],
  );
export const findLastApplication = async (q: Queryable, projectId: number): Promise<Application | undefined> =>
  (await findLastApplications(q, [projectId]))[0];
export const countPending = async (tx: Tx, accountId: number): Promise<number> =>
  (
    await sql<{ n: number }>(
      tx,
      "select count(*)::int n from project_application where applicant_id = $1 and state = 'pending'",
      [accountId],
    )
  )[0]?.n ?? 0;
/** An application that is withdrawn takes its uninitialized project with it (contract identity §7.7). */
export const cancelApplication = async (
  tx: Tx,
  projectId: number,
  applicationId: number,
  reason: string,
): Promise<void> => {
  await run(
    tx,
    "update project_application set state = 'cancelled', response_date = now(), response_reason = $2 where id = $1",
    [applicationId, reason],
  );
  await run(tx, "update project set state = 'deleted' where id = $1 and state = 'uninitialized'", [projectId]);
};
