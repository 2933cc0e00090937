import { identity } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import type { IdentityCtx, IdentityRequest } from '../../ctx.js';
import { accountByUuid } from '../../accounts/domain/accounts.js';
import { bad, notFound } from '../../access/domain/errors.js';
import { projectByUuid, scopable } from '../../projects/domain/projects.js';
import { markerOf, roleAssignments, type Assignment } from '../domain/role-assignments.js';
import { userOf } from '../../access/domain/caller.js';
import { byAdmin, demandAdmin, demandSelfOrAdmin, elsewhere } from './v3-callers.js';
import { entity, linked, pageOf, wholeList } from './v3-lists.js';
import { DOMAIN } from './v3-token.view.js';

const endpoint = endpointFor<IdentityCtx>();
/** Where the role is held: the scope as the wire has it, and the path of a check. */
const placeOf = (a: Assignment, names: boolean): { scope: object; path: string } => {
  if (a.scope === 'system') return { scope: { system: { all: true } }, path: 'system' };
  if (a.scope === 'domain')
    return { scope: { domain: names ? DOMAIN : { id: DOMAIN.id } }, path: `domains/${DOMAIN.id}` };
  const project = { id: a.project, ...(names && { name: a.projectName ?? '', domain: DOMAIN }) };
  return { scope: { project }, path: `projects/${a.project ?? ''}` };
};
const view = (ctx: IdentityCtx, a: Assignment, names: boolean) => {
  const { scope, path } = placeOf(a, names);
  return {
    role: { id: a.role, ...(names && { name: a.roleName }) },
    user: { id: a.user, ...(names && { name: a.userName, domain: DOMAIN }) },
    scope,
    links: { assignment: linked(ctx, `${path}/users/${a.user}/roles/${a.role}`).self },
  };
};
interface Filters {
  'user.id'?: string | undefined;
  'group.id'?: string | undefined;
  'scope.project.id'?: string | undefined;
  'scope.domain.id'?: string | undefined;
  'scope.system'?: string | undefined;
  'scope.OS-INHERIT:inherited_to'?: string | undefined;
  effective?: boolean | undefined;
  include_subtree?: boolean | undefined;
}
/** What Keystone refuses to ask together, and a subtree of nothing. @throws invalid assignments.together */
const scopeOf = (q: Filters): Assignment['scope'] | undefined => {
  const scopes = [q['scope.project.id'], q['scope.domain.id'], q['scope.system']].filter((one) => one !== undefined);
  const two = scopes.length > 1 || (q['user.id'] !== undefined && q['group.id'] !== undefined);
  const grouped = q.effective === true && q['group.id'] !== undefined;
  if (two || grouped || (q.include_subtree === true && q['scope.project.id'] === undefined))
    throw bad('assignments.together');
  if (q['scope.project.id'] !== undefined) return 'project';
  return q['scope.domain.id'] === undefined ? (q['scope.system'] === undefined ? undefined : 'system') : 'domain';
};

/** A few roles of one user in one place. */
const rolesAt = async (
  ctx: IdentityRequest,
  user: string,
  scope: Assignment['scope'],
  project?: string,
): Promise<Assignment[]> => {
  await demandSelfOrAdmin(ctx, user);
  await accountByUuid(ctx.db, user);
  if (project !== undefined) {
    await projectByUuid(ctx, project);
    // Whether there are projects of others is not for users to know.
    if (!(await byAdmin(ctx)) && !(await scopable(ctx, userOf(ctx))).some((p) => p.uuid === project))
      throw notFound('project.absent');
  }
  return roleAssignments(ctx, { limit: 1000, effective: false, user, scope, project });
};
const demandDomain = (id: string): void => {
  if (id !== DOMAIN.id) throw notFound('domain.absent');
};
const shown = (
  ctx: IdentityCtx,
  path: string,
  query: { limit: number; marker?: string | undefined },
  held: readonly Assignment[],
) =>
  wholeList(
    ctx,
    'roles',
    path,
    query,
    held.map((a) =>
      entity(ctx, 'roles', { id: a.role, name: a.roleName, domain_id: null, description: null, options: {} }),
    ),
  );
const demandRole = (held: readonly Assignment[], role: string): void => {
  if (!held.some((a) => a.role === role)) throw notFound('role.absent');
};

export const v3AssignmentEndpoints = [
  endpoint(identity.listRoleAssignments, async (ctx, { query }) => {
    await demandAdmin(ctx);
    const scope = scopeOf(query);
    const none =
      query['group.id'] !== undefined ||
      query['scope.OS-INHERIT:inherited_to'] !== undefined ||
      elsewhere(query['scope.domain.id']);
    const { limit, marker, effective = false, include_names: names = false } = query;
    const wanted = {
      limit,
      marker,
      effective,
      scope,
      user: query['user.id'],
      project: query['scope.project.id'],
      role: query['role.id'],
    };
    const rows = none ? [] : await roleAssignments(ctx, wanted);
    return pageOf(ctx, 'role_assignments', 'role_assignments', {
      query,
      rows,
      markerOf,
      view: (a) => view(ctx, a, names),
    });
  }),
  endpoint(identity.listProjectUserRoles, async (ctx, { params: { project, user }, query }) =>
    shown(ctx, `projects/${project}/users/${user}/roles`, query, await rolesAt(ctx, user, 'project', project)),
  ),
  endpoint(identity.checkProjectUserRole, async (ctx, { params: { project, user, role } }) => {
    demandRole(await rolesAt(ctx, user, 'project', project), role);
  }),
  endpoint(identity.listSystemUserRoles, async (ctx, { params: { user }, query }) =>
    shown(ctx, `system/users/${user}/roles`, query, await rolesAt(ctx, user, 'system')),
  ),
  endpoint(identity.checkSystemUserRole, async (ctx, { params: { user, role } }) => {
    demandRole(await rolesAt(ctx, user, 'system'), role);
  }),
  endpoint(identity.listDomainUserRoles, async (ctx, { params: { domain, user }, query }) => {
    const held = await rolesAt(ctx, user, 'domain');
    demandDomain(domain);
    return shown(ctx, `domains/${domain}/users/${user}/roles`, query, held);
  }),
  endpoint(identity.checkDomainUserRole, async (ctx, { params: { domain, user, role } }) => {
    const held = await rolesAt(ctx, user, 'domain');
    demandDomain(domain);
    demandRole(held, role);
  }),
];
