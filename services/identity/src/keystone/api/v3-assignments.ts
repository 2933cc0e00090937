import { identity } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import type { IdentityCtx } from '../../ctx.js';
import { DOMAIN } from '../domain/default-domain.js';
import { demandRole, listedAssignments, markerOf, rolesOfUser, type Assignment } from '../domain/role-assignments.js';
import { entity, linked, pageOf, wholeList } from './v3-lists.js';

const endpoint = endpointFor<IdentityCtx>();
/** Where the role is held: the scope in the answer, and the path under which it is checked. */
const placeOf = (a: Assignment, withNames: boolean): { scope: object; path: string } => {
  if (a.scope === 'system') return { scope: { system: { all: true } }, path: 'system' };
  if (a.scope === 'domain')
    return { scope: { domain: withNames ? DOMAIN : { id: DOMAIN.id } }, path: `domains/${DOMAIN.id}` };
  const project = { id: a.project, ...(withNames && { name: a.projectName ?? '', domain: DOMAIN }) };
  return { scope: { project }, path: `projects/${a.project ?? ''}` };
};
const view = (ctx: IdentityCtx, a: Assignment, withNames: boolean) => {
  const { scope, path } = placeOf(a, withNames);
  return {
    role: { id: a.role, ...(withNames && { name: a.roleName }) },
    user: { id: a.user, ...(withNames && { name: a.userName, domain: DOMAIN }) },
    scope,
    links: { assignment: linked(ctx, `${path}/users/${a.user}/roles/${a.role}`).self },
  };
};
const rolesView = (
  ctx: IdentityCtx,
  path: string,
  query: { limit: number; marker?: string | undefined },
  assignments: readonly Assignment[],
) =>
  wholeList(
    ctx,
    'roles',
    path,
    query,
    assignments.map((a) =>
      entity(ctx, 'roles', { id: a.role, name: a.roleName, domain_id: null, description: null, options: {} }),
    ),
  );

export const v3AssignmentEndpoints = [
  endpoint(identity.listRoleAssignments, async (ctx, { query }) => {
    const rows = await listedAssignments(ctx, {
      limit: query.limit,
      marker: query.marker,
      user: query['user.id'],
      group: query['group.id'],
      role: query['role.id'],
      project: query['scope.project.id'],
      domain: query['scope.domain.id'],
      system: query['scope.system'],
      inheritedTo: query['scope.OS-INHERIT:inherited_to'],
      effective: query.effective === true,
      subtree: query.include_subtree === true,
    });
    const withNames = query.include_names === true;
    return pageOf(ctx, 'role_assignments', 'role_assignments', {
      query,
      rows,
      markerOf,
      view: (a) => view(ctx, a, withNames),
    });
  }),
  endpoint(identity.listProjectUserRoles, async (ctx, { params: { project, user }, query }) => {
    const roles = await rolesOfUser(ctx, user, { scope: 'project', project });
    return rolesView(ctx, `projects/${project}/users/${user}/roles`, query, roles);
  }),
  endpoint(identity.checkProjectUserRole, async (ctx, { params: { project, user, role } }) =>
    demandRole(ctx, user, { scope: 'project', project }, role),
  ),
  endpoint(identity.listSystemUserRoles, async (ctx, { params: { user }, query }) =>
    rolesView(ctx, `system/users/${user}/roles`, query, await rolesOfUser(ctx, user, { scope: 'system' })),
  ),
  endpoint(identity.checkSystemUserRole, async (ctx, { params: { user, role } }) =>
    demandRole(ctx, user, { scope: 'system' }, role),
  ),
  endpoint(identity.listDomainUserRoles, async (ctx, { params: { domain, user }, query }) => {
    const roles = await rolesOfUser(ctx, user, { scope: 'domain', domain });
    return rolesView(ctx, `domains/${domain}/users/${user}/roles`, query, roles);
  }),
  endpoint(identity.checkDomainUserRole, async (ctx, { params: { domain, user, role } }) =>
    demandRole(ctx, user, { scope: 'domain', domain }, role),
  ),
];
