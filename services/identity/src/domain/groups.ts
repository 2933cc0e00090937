import type { IdentityRequest } from '../ctx.js';
import { listMembers } from '../store/groups.js';

/** Who has which role where: groups, on the default project. */
export const roleAssignments = async (ctx: IdentityRequest, limit: number): Promise<{ uuid: string; project: string; roleId: string }[]> =>
  (await listMembers(ctx.db, limit)).map((m) => ({ uuid: m.uuid, project: m.project, roleId: String(m.group_id) }));
