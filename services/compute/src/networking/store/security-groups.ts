import { columns, em, prepared, run, sql, type NewRow, type Queryable, type Tx } from '@nefos/service-kit';
import type { Page } from '../../lists/list-plan.js';
import type { ListSpec, Query } from '../../lists/list-query.js';
import { pageOf } from '../../lists/select-page.js';
import { securityGroupRules, securityGroups, type SecurityGroup, type SecurityGroupRule } from '../tables.js';
import { CLIENT, OWNER, scoped, type Scope, type WithClient } from './owned.js';

export type { SecurityGroup, SecurityGroupRule };
export interface ShownGroup extends SecurityGroup, WithClient {
  rules: SecurityGroupRule[];
}
const RULES = `(select coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'securityGroupId', r.security_group_id,
    'direction', r.direction, 'ethertype', r.ethertype, 'protocol', r.protocol, 'portMin', r.port_min,
    'portMax', r.port_max, 'remotePrefix', text(r.remote_prefix), 'remoteGroupId', r.remote_group_id)
    order by r.created_at, r.id), '[]') from security_group_rule r where r.security_group_id = x.id) rules`;
const SELECT = `${columns(securityGroups, 'x')}, ${RULES}, ${CLIENT}`;
const FROM = `security_group x ${OWNER}`;
const groupList: ListSpec = {
  select: SELECT,
  from: FROM,
  table: 'security_group x',
  fields: {
    id: { sql: 'x.id', type: 'uuid' },
    name: { sql: 'x.name', type: 'text' },
    region: { sql: 'x.region_id', type: 'text', plain: true },
    project__id: { sql: 'x.project_id', type: 'text' },
    created_at: { sql: 'x.created_at', type: 'time' },
  },
  search: ['x.name', 'x.description'],
  ordering: '-created_at',
  tie: 'x.id',
};
export const listGroups = (q: Queryable, query: Query, scope: Scope): Promise<Page<ShownGroup>> =>
  pageOf(q, groupList, query, scoped(scope));
/** SQL: joins. */
export const findGroup = async (q: Queryable, id: string): Promise<ShownGroup | undefined> =>
  (await sql<ShownGroup>(q, `select ${SELECT} from ${FROM} where x.id = $1`, [id]))[0];
/** SQL: locks. */
export const lockGroup = async (tx: Tx, id: string): Promise<SecurityGroup | undefined> =>
  (
    await sql<SecurityGroup>(tx, `select ${columns(securityGroups)} from security_group where id = $1 for update`, [id])
  )[0];
/** Of these the project's own in the region; none of them is deleted until this transaction ends. SQL: locks. */
export const shareLockGroups = (
  tx: Tx,
  ids: readonly string[],
  { projectId, regionId }: { projectId: string; regionId: string },
): Promise<{ id: string }[]> =>
  sql(
    tx,
    `select id from security_group where id = any($1::uuid[]) and project_id = $2 and region_id = $3
    order by id for key share`,
    [ids, projectId, regionId],
  );
/** By names or ids. SQL: as above. */
export const shareLockGroupsNamed = (
  tx: Tx,
  words: readonly string[],
  { projectId, regionId }: { projectId: string; regionId: string },
): Promise<{ id: string; name: string }[]> =>
  sql(
    tx,
    `select id, name from security_group where (id::text = any($1::text[]) or name = any($1::text[]))
      and project_id = $2 and region_id = $3 order by created_at, id for key share`,
    [words, projectId, regionId],
  );
/** The default group, if it is there. SQL: its index is a partial one. */
export const findDefaultGroup = async (
  q: Queryable,
  projectId: string,
  regionId: string,
): Promise<string | undefined> =>
  (
    await prepared<{ id: string }>(
      q,
      'select id from security_group where project_id = $1 and region_id = $2 and is_default',
      [projectId, regionId],
    )
  )[0]?.id;
/** @returns false: it was made by another request. SQL: conditional. */
export const insertDefaultGroup = async (
  tx: Tx,
  { id, projectId, regionId, description }: Pick<SecurityGroup, 'id' | 'projectId' | 'regionId' | 'description'>,
): Promise<boolean> =>
  (await run(
    tx,
    `insert into security_group (id, project_id, region_id, name, description, is_default)
    values ($1, $2, $3, 'default', $4, true) on conflict do nothing`,
    [id, projectId, regionId, description],
  )) > 0;
export const insertGroup = async (tx: Tx, group: NewRow<typeof securityGroups>): Promise<void> => {
  await em(tx).insert(securityGroups, group);
};
export const updateGroup = async (tx: Tx, id: string, changes: Partial<Omit<SecurityGroup, 'id'>>): Promise<void> => {
  await em(tx).update(securityGroups, { id }, changes);
};
/** Its rules go with it. */
export const deleteGroup = async (tx: Tx, id: string): Promise<void> => {
  await em(tx).delete(securityGroups, { id });
};
/** What uses a group: ports, or rules of other groups. SQL: two tables. */
export const findGroupUser = async (tx: Tx, id: string): Promise<'ports' | 'rules' | undefined> =>
  (
    await sql<{ user: 'ports' | 'rules' }>(
      tx,
      `(select 'ports' "user" from port_security_group where security_group_id = $1 limit 1)
      union all (select 'rules' from security_group_rule where remote_group_id = $1 and security_group_id <> $1 limit 1)
      limit 1`,
      [id],
    )
  )[0]?.user;
export type NewRule = NewRow<typeof securityGroupRules>;
export const insertRules = async (tx: Tx, rules: readonly NewRule[]): Promise<void> => {
  if (rules.length) await em(tx).insert(securityGroupRules, [...rules]);
};
export const findRule = async (q: Queryable, id: string): Promise<SecurityGroupRule | undefined> =>
  (await em(q).findOneBy(securityGroupRules, { id })) ?? undefined;
/** @returns whether there was one */
export const deleteRule = async (tx: Tx, id: string): Promise<boolean> =>
  ((await em(tx).delete(securityGroupRules, { id })).affected ?? 0) > 0;
