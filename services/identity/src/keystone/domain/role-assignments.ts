import type { IdentityRequest } from '../../ctx.js';
import { listAssignments, type Assignment, type AssignmentFilter } from '../store/role-assignments.js';
import { isUuid } from '../../access/domain/uuids.js';
import { bad } from '../../access/domain/errors.js';
import { ASSIGNED, IMPLIED } from '../../access/domain/roles.js';

export type { Assignment };

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
