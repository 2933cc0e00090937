import { callerOf } from '../../access/domain/caller.js';
import { dbOf } from '../../access/domain/claim.js';
import type { ComputeRequest } from '../../ctx.js';
import { findGroupsNamed, groupsInRegion, pickGroup } from '../../facade/domain/region-groups.js';
import type { ShownServer } from './servers.js';

type Server = Pick<ShownServer, 'regionId' | 'projectId' | 'clientId'>;
/** What a server that is there is given, as `groupsInRegion`. @param ctx of one transaction */
export const groupForServer = async (
  ctx: ComputeRequest,
  { regionId, projectId, clientId }: Server,
  word: string,
): Promise<string> => {
  const whose = callerOf(ctx).staff ? { client: clientId } : { acting: String(clientId) };
  const [found = word] = await groupsInRegion(ctx, [word], { regionId, projectId, whose });
  return found;
};
/** The name of a group that is in another region: the server's own has that of what was made of it. */
export const groupThere = async (
  ctx: ComputeRequest,
  { regionId, projectId }: Server,
  word: string,
): Promise<string> => {
  const all = await findGroupsNamed(dbOf(ctx), projectId, word);
  return all.some((one) => one.regionId === regionId) ? word : (pickGroup(all, word)?.name ?? word);
};
