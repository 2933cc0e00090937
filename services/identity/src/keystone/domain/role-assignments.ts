import { bad, notFound } from '../../access/domain/errors.js';
import { ASSIGNED, OPENSTACK_ROLES } from '../../access/domain/roles.js';
import { isUuid } from '../../access/domain/uuids.js';
import { accountByUuid } from '../../accounts/domain/accounts.js';
import { projectByUuid } from '../../projects/domain/projects.js';
import type { IdentityRequest } from '../../ctx.js';
import { listAssignments, type Assignment, type AssignmentFilter } from '../store/role-assignments.js';
import { isOtherDomain } from './default-domain.js';
import { demandAdmin, demandSelfOrAdmin, isAdministrator } from './policy.js';
import { ownProjects } from './projects.js';

export type { Assignment };

const MARKER = /^(\d{1,18})\.(\d{1,15})$/;
/** The marker of the page after this assignment. */
export const markerOf = (a: Assignment): string => `${a.account}.${a.ord}`;
const positionOf = (marker: string): { account: string; ord: number } => {
  const [, account, ord] = MARKER.exec(marker) ?? [];
  if (account === undefined) throw bad('marker.unknown');
  return { account, ord: Number(ord) };
};
/** The ids of roles that groups are. */
const GROUP_ROLE = /^[1-9]\d{0,8}$/;

/**
 * Who has which role where; one more than `limit` when there are more. Filters that nothing can match find nothing.
 * @throws invalid marker.unknown
 */
export const roleAssignments = async (
  ctx: IdentityRequest,
  {
    limit,
    marker,
    ...filter
  }: Omit<AssignmentFilter, 'after' | 'group'> & { limit: number; marker?: string | undefined },
): Promise<Assignment[]> => {
  const after = marker === undefined ? undefined : positionOf(marker);
  const { user, project, role } = filter;
  if ([user, project].some((id) => id !== undefined && !isUuid(id))) return [];
  const implied = role !== undefined && OPENSTACK_ROLES.includes(role);
  if (role !== undefined && !implied && !GROUP_ROLE.test(role)) return [];
  // The other roles are implied by these, never assigned themselves.
  if (implied && !filter.effective && !ASSIGNED.includes(role)) return [];
  const group = role === undefined || implied ? undefined : Number(role);
  return listAssignments(ctx.db, { ...filter, group, after, hidden: OPENSTACK_ROLES, limit: limit + 1 });
};

/** The filters of the list. Ids are as the client sent them. */
export interface AssignmentQuery {
  limit: number;
  marker?: string | undefined;
  user?: string | undefined;
  group?: string | undefined;
  role?: string | undefined;
  project?: string | undefined;
  domain?: string | undefined;
  system?: string | undefined;
  inheritedTo?: string | undefined;
  /** Also the roles that assigned ones imply. */
  effective: boolean;
  /** Also those of projects below `project`, of which there are none. */
  subtree: boolean;
}
/** @throws invalid assignments.together for what Keystone refuses to combine, and for a subtree without a project */
const scopeOf = (q: AssignmentQuery): Assignment['scope'] | undefined => {
  const scopes = [q.project, q.domain, q.system].filter((one) => one !== undefined);
  const excludeEachOther = scopes.length > 1 || (q.user !== undefined && q.group !== undefined);
  const effectiveOfGroup = q.effective && q.group !== undefined;
  if (excludeEachOther || effectiveOfGroup || (q.subtree && q.project === undefined)) throw bad('assignments.together');
  if (q.project !== undefined) return 'project';
  if (q.domain !== undefined) return 'domain';
  return q.system === undefined ? undefined : 'system';
};
/**
 * The list, for administrators; see `roleAssignments`.
 * @throws forbidden; invalid assignments.together, marker.unknown
 */
export const listedAssignments = async (ctx: IdentityRequest, q: AssignmentQuery): Promise<Assignment[]> => {
  await demandAdmin(ctx);
  const scope = scopeOf(q);
  // Roles are assigned to users, never to groups and never inherited.
  if (q.group !== undefined || q.inheritedTo !== undefined || isOtherDomain(q.domain)) return [];
  const { limit, marker, user, role, project, effective } = q;
  return roleAssignments(ctx, { limit, marker, user, role, project, effective, scope });
};

export type Place = { scope: 'project'; project: string } | { scope: 'domain'; domain: string } | { scope: 'system' };
/** A user has few roles in one place. */
const MAX_ROLES = 1000;
/**
 * The roles of a user in one place, for that user and for administrators.
 * @throws forbidden; not_found user.absent, domain.absent; not_found project.absent, for a user also of others'
 *   projects
 */
export const rolesOfUser = async (ctx: IdentityRequest, user: string, place: Place): Promise<Assignment[]> => {
  await demandSelfOrAdmin(ctx, user);
  await accountByUuid(ctx.db, user);
  const project = place.scope === 'project' ? place.project : undefined;
  if (project !== undefined) {
    await projectByUuid(ctx, project);
    if (!(await isAdministrator(ctx)) && !(await ownProjects(ctx)).some((p) => p.uuid === project))
      throw notFound('project.absent');
  }
  if (place.scope === 'domain' && isOtherDomain(place.domain)) throw notFound('domain.absent');
  return roleAssignments(ctx, { limit: MAX_ROLES, effective: false, user, scope: place.scope, project });
};
/** Whether the user has the role there. @throws not_found role.absent; as `rolesOfUser` */
export const demandRole = async (ctx: IdentityRequest, user: string, place: Place, role: string): Promise<void> => {
  if (!(await rolesOfUser(ctx, user, place)).some((a) => a.role === role)) throw notFound('role.absent');
};
