import { sql, type Queryable } from '@nefos/service-kit';

/** A role that a user has in one place. SQL: all of it is computed from accounts and their groups. */
export interface Assignment {
  /** The id of the account and the number of the role: the position in the list. */
  account: string;
  ord: number;
  user: string;
  userName: string;
  role: string;
  roleName: string;
  scope: 'project' | 'domain' | 'system';
  project: string | null;
  projectName: string | null;
}
export interface AssignmentFilter {
  /** Also the roles that the given ones imply. */
  effective: boolean;
  user?: string | undefined;
  project?: string | undefined;
  scope?: Assignment['scope'] | undefined;
  role?: string | undefined;
  /** Only users in this group. */
  group?: number | undefined;
  after?: { account: string; ord: number } | undefined;
}

/** Memberships are numbered after all groups. */
const MEMBER_ORD = '10000000000';
/**
 * The roles of the account `a`: `member` of the own project and of components' projects, `admin` of a superuser in the
 * own project, the domain and on the system, groups in the default project. Each has a number, so that a page can begin
 * after any of them. $1: also the roles that these imply.
 */
const HELD = `
  select s.base + r.n ord, r.role, r.role "roleName", s.scope, case s.scope when 'project' then a.uuid end project
  from (values (0, 'project'), (10, 'domain'), (20, 'system')) s (base, scope)
  cross join
    (values (0, 'reader', false), (1, 'member', false), (2, 'manager', true), (3, 'admin', true)) r (n, role, high)
  where (a.is_superuser or (s.scope = 'project' and not r.high))
    and ($1 or r.role = 'admin' or (r.role = 'member' and s.scope = 'project'))
  union all
  select 100 + g.id, g.id::text, g.name, 'project', a.default_project
  from group_member m join account_group g on g.id = m.group_id
  where m.account_id = a.id and g.name <> all($2::text[])
  union all
  select ${MEMBER_ORD} + 2 * j.id + r.n, r.role, r.role, 'project', j.uuid
  from project_member m join project j on j.id = m.project_id
  cross join (values (0, 'reader'), (1, 'member')) r (n, role)
  where m.account_uuid = a.uuid and ($1 or r.role = 'member')`;

/** A page, by account and number. `hidden`: names of groups that are no roles of their own. */
export const listAssignments = (
  q: Queryable,
  f: AssignmentFilter & { hidden: readonly string[]; limit: number },
): Promise<Assignment[]> => {
  const values: unknown[] = [f.effective, f.hidden, f.limit];
  const conditions = ['a.is_active'];
  // Each condition of the accounts has an index: on the uuid, the default project, superusers, members of a group.
  const where = (condition: (n: string) => string, value: unknown): void => {
    values.push(value);
    conditions.push(condition(`$${values.length}`));
  };
  if (f.user !== undefined) where((n) => `a.uuid = ${n}`, f.user);
  if (f.project !== undefined)
    where(
      (n) => `(a.uuid = ${n} or a.default_project = ${n} or a.uuid = any(array(
        select m.account_uuid from project_member m join project j on j.id = m.project_id where j.uuid = ${n})))
      and x.project = ${n}`,
      f.project,
    );
  if (f.scope !== undefined) where((n) => `x.scope = ${n}`, f.scope);
  if (f.role !== undefined) where((n) => `x.role = ${n}`, f.role);
  if (f.group !== undefined)
    where((n) => `exists (select from group_member m where m.account_id = a.id and m.group_id = ${n})`, f.group);
  if (f.scope === 'domain' || f.scope === 'system' || f.role === 'admin' || f.role === 'manager')
    conditions.push('a.is_superuser');
  if (f.after) {
    where((n) => `a.id >= ${n}`, f.after.account);
    const account = `$${values.length}`;
    where((n) => `(a.id > ${account} or x.ord > ${n}::bigint)`, f.after.ord);
  }
  return sql<Assignment>(
    q,
    `select a.id::text account, x.ord::float8, a.uuid "user", a.username "userName", x.role, x."roleName", x.scope,
       x.project, p.realname "projectName"
    from account a cross join lateral (${HELD}) x left join project p on p.uuid = x.project
    where ${conditions.join(' and ')} order by a.id, x.ord limit $3`,
    values,
  );
};
