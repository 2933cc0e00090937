import type { IdentityRequest } from '../../ctx.js';
import { listAssignments } from '../store/role-assignments.js';
import { isUuid } from '../../accounts/domain/accounts.js';
import { bad } from '../../access/domain/errors.js';
import { ASSIGNED, IMPLIED } from '../../access/domain/roles.js';

/** A role that a user has somewhere. */
export interface Assignment {
  /** Together the place in the list. */
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
const MARKER = /^(\d{1,18})\.(\d{1,9})$/;
/** Where the next page begins. */
export const markerOf = (a: Assignment): string => `${a.account}.${a.ord}`;
const afterOf = (marker: string): { account: string; ord: number } => {
  const [, account, ord] = MARKER.exec(marker) ?? [];
  if (account === undefined) throw bad('marker.unknown');
  return { account, ord: Number(ord) };
};
const GROUP = /^[1-9]\d{0,8}$/;

/** Who has which role where, one more than asked for. Nothing is found for what can not exist. @throws invalid marker.unknown */
export const roleAssignments = async (
  ctx: IdentityRequest,
  {
    limit,
    marker,
    ...filter
  }: Omit<AssignmentFilter, 'after' | 'group'> & { limit: number; marker?: string | undefined },
): Promise<Assignment[]> => {
  const after = marker === undefined ? undefined : afterOf(marker);
  const { user, project, role } = filter;
  if ([user, project].some((id) => id !== undefined && !isUuid(id))) return [];
  const implied = role !== undefined && IMPLIED.includes(role);
  if (role !== undefined && !implied && !GROUP.test(role)) return [];
  // The others come with these: nobody has them alone.
  if (implied && !filter.effective && !ASSIGNED.includes(role)) return [];
  const group = role === undefined || implied ? undefined : Number(role);
  return listAssignments(ctx.db, { ...filter, group, after, hidden: IMPLIED, limit: limit + 1 });
};
