import {
  bigint,
  boolean,
  columns,
  em,
  generated,
  instant,
  jsonb,
  nullable,
  run,
  safeInteger,
  sql,
  table,
  text,
  uuid,
  withDefault,
  type Queryable,
  type Row,
  type Tx,
} from '@nefos/service-kit';

export type ProjectState = 'uninitialized' | 'active' | 'suspended' | 'terminated' | 'deleted';
/** What resources are given to. Every account has a system project of its own (contract identity §2). */
export const projects = table(
  'project',
  {
    id: generated(safeInteger()),
    uuid: uuid(),
    /** Set when an application is approved, which is not offered yet. */
    name: nullable(text()),
    /** The name that is shown; not unique. */
    realname: text(),
    ownerId: nullable(safeInteger()),
    homepage: withDefault(text()),
    description: withDefault(text()),
    creationDate: withDefault(instant()),
    endDate: instant(),
    joinPolicy: text(),
    leavePolicy: text(),
    /** Up to 2^63-1. */
    maxMembers: bigint(),
    private: withDefault(boolean()),
    /** Whether it is a system project; `baseOf` is the account then. */
    isBase: withDefault(boolean()),
    baseOf: nullable(safeInteger()),
    state: text<ProjectState>(),
    resources: withDefault(jsonb()),
    deactivationDate: nullable(instant()),
    /** The component that made it and alone may change it. */
    madeBy: nullable(text()),
    /** The number of the component's last change. */
    sequence: withDefault(safeInteger()),
  },
  { primary: ['id'] },
);
type ProjectRow = Row<typeof projects>;
/** A project with the uuid of its owner. `resources` is JSON text: its numbers may be larger than JavaScript's. */
export type Project = Omit<ProjectRow, 'resources'> & { ownerUuid: string | null; resources: string };

const { resources: _, ...read } = projects.definitions;
const SELECT = `select ${columns(projects, 'p', Object.keys(read) as (keyof typeof read)[])},
    p.resources::text, o.uuid "ownerUuid"
  from project p left join account o on o.id = p.owner_id`;
/** SQL: a join, and `resources` as text. */
export const findProject = async (q: Queryable, uuid: string): Promise<Project | undefined> =>
  (await sql<Project>(q, `${SELECT} where p.uuid = $1`, [uuid]))[0];
/** SQL: locks the row. */
export const lockProject = async (tx: Tx, uuid: string): Promise<Project | undefined> =>
  (await sql<Project>(tx, `${SELECT} where p.uuid = $1 for no key update of p`, [uuid]))[0];
/**
 * The account's own projects, its system project, that one first, and those of components of which it is a member. SQL:
 * as `findProject`.
 */
export const listProjectsOf = (
  q: Queryable,
  account: { id: number; uuid: string },
  { limit }: { limit: number },
): Promise<Project[]> =>
  sql<Project>(
    q,
    `${SELECT} where p.owner_id = $1 or p.base_of = $1
      or p.id = any(array(select project_id from project_member where account_uuid = $2))
    order by p.is_base desc, p.id limit $3`,
    [account.id, account.uuid, limit],
  );
/** The id of a project, after which a page begins; undefined when there is none of this uuid. */
export const findProjectId = async (q: Queryable, uuid: string): Promise<number | undefined> =>
  (await em(q).findOne(projects, { where: { uuid }, select: { id: true } }))?.id;
/** The id of the account of this uuid. SQL: the table belongs to a later area. */
export const findAccountId = async (q: Queryable, uuid: string): Promise<number | undefined> =>
  (await sql<{ id: number }>(q, 'select id::float8 from account where uuid = $1', [uuid]))[0]?.id;
export interface ProjectFilter {
  limit: number;
  /** The id of the project after which the page begins. */
  after: number;
  name?: string | undefined;
  enabled?: boolean | undefined;
  /** The owner, the account whose system project it is, or a member. */
  account?: { id: number; uuid: string } | undefined;
}
/** A page by id. Every filter has an index. SQL: a list page. */
export const listAllProjects = (
  q: Queryable,
  { limit, after, name, enabled, account }: ProjectFilter,
): Promise<Project[]> => {
  const values: unknown[] = [after, limit];
  const conditions = ['p.id > $1', "(p.made_by is null or p.state <> 'deleted')"];
  if (name !== undefined) conditions.push(`p.realname = $${values.push(name)}`);
  if (account !== undefined) {
    const [id, uuid] = [values.push(account.id), values.push(account.uuid)];
    conditions.push(`(p.owner_id = $${id} or p.base_of = $${id}
      or p.id = any(array(select project_id from project_member where account_uuid = $${uuid})))`);
  }
  if (enabled !== undefined) conditions.push(`p.state ${enabled ? '=' : '<>'} 'active'`);
  return sql<Project>(q, `${SELECT} where ${conditions.join(' and ')} order by p.id limit $2`, values);
};

/**
 * Adds the system project of an account unless it exists: both policies closed, one member, for a hundred years
 * (contract identity §2). SQL: `on conflict`, and computed.
 */
export const insertSystemProject = (tx: Tx, accountId: number, projectUuid: string): Promise<number> =>
  run(
    tx,
    `insert into project
       (uuid, realname, is_base, base_of, end_date, join_policy, leave_policy, max_members, private, state)
     values ($2::uuid, 'system:' || $2::uuid, true, $1, now() + interval '100 years',
       'closed', 'closed', 1, true, 'active')
     on conflict do nothing`,
    [accountId, projectUuid],
  );
/** SQL: conditional and computed. */
export const updateSystemProjectState = (tx: Tx, accountId: number, state: 'active' | 'suspended'): Promise<number> =>
  run(
    tx,
    `update project
     set state = $2, deactivation_date = case when $2 = 'suspended' then now() else deactivation_date end
     where base_of = $1 and state <> $2`,
    [accountId, state],
  );
