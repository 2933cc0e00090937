import { Fault } from '@nefos/service-kit';
import { dbOf } from '../../access/domain/claim.js';
import type { ComputeRequest } from '../../ctx.js';
import { scopeOf } from '../../facade/domain/scope.js';
import { UUID } from '../../lists/uuid.js';
import * as store from '../store/server-parts.js';
import { getServer } from './servers.js';

export type { ActionRow, AttachmentRow, GroupRow, InterfaceRow } from '../store/server-parts.js';

/** What belongs to a server that the caller may see. @throws Fault not_found */
const partsOf =
  <T>(read: (q: ReturnType<typeof dbOf>, id: string) => Promise<T>) =>
  async (ctx: ComputeRequest, id: string): Promise<T> => {
    await getServer(ctx, id);
    return read(dbOf(ctx), id);
  };
export const attachmentsOf = partsOf(store.listAttachmentRows);
export const interfacesOf = partsOf(store.listInterfaceRows);
export const groupsOf = partsOf(store.listGroupRows);

/** Whether a volume goes with its server. @throws Fault not_found */
export const changeAttachment = async (
  ctx: ComputeRequest,
  id: string,
  { volumeId, goes }: { volumeId: string; goes: boolean },
): Promise<void> => {
  await dbOf(ctx).transaction((tx) => store.setDeleteOnTermination(tx, { instanceId: id, volumeId, goes }));
};

const absent = (message: string): Fault => new Fault('not_found', 'facade.refused', { message });
/** The id of a security group. @throws Fault not_found */
export const groupNamed = async (ctx: ComputeRequest, id: string, nameOrId: string): Promise<string> => {
  const found = await store.findGroupId(dbOf(ctx), id, nameOrId);
  if (found === undefined) throw absent(`Security group ${nameOrId} not found for project.`);
  return found;
};
/** The id of a floating IP of the token's project. @throws Fault not_found */
export const floatingIpWith = async (ctx: ComputeRequest, address: string): Promise<string> => {
  const found = await store.findFloatingId(dbOf(ctx), scopeOf(ctx).projectId, address);
  if (found === undefined) throw absent('floating IP not found');
  return found;
};

export const actionsOf = async (
  ctx: ComputeRequest,
  id: string,
  page: { limit: number; after: string | null },
): Promise<store.ActionRow[]> => {
  await getServer(ctx, id);
  return store.listActionRows(dbOf(ctx), id, page);
};
/** @param request `req-<uuid>` @throws Fault not_found */
export const actionOf = async (ctx: ComputeRequest, id: string, request: string): Promise<store.ActionRow> => {
  await getServer(ctx, id);
  const uuid = request.replace(/^req-/, '');
  const found = UUID.test(uuid) ? await store.findActionRow(dbOf(ctx), id, uuid) : undefined;
  if (!found) throw absent(`Action for request_id ${request} on instance ${id} could not be found.`);
  return found;
};
