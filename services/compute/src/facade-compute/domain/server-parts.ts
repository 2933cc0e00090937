import { Fault } from '@nefos/service-kit';
import { dbOf } from '../../access/domain/claim.js';
import type { ComputeRequest } from '../../ctx.js';
import { scopeOf } from '../../facade/domain/scope.js';
import { UUID } from '../../lists/uuid.js';
import { listPortsOfInstance } from '../../networking/domain/of-instance.js';
import { listGroupsOfProject, listGroupsWithRules } from '../store/server-groups.js';
import * as store from '../store/server-parts.js';
import { getServer } from './servers.js';

export type { AttachmentRow } from '../store/server-parts.js';
export type { ShownPort } from '../../networking/domain/of-instance.js';
export type { GroupOfServer, IngressRule } from '../store/server-groups.js';

/** What belongs to a server that the caller may see. @throws Fault not_found */
const partsOf =
  <T>(read: (q: ReturnType<typeof dbOf>, id: string) => Promise<T>) =>
  async (ctx: ComputeRequest, id: string): Promise<T> => {
    await getServer(ctx, id);
    return read(dbOf(ctx), id);
  };
export const attachmentsOf = partsOf(store.listAttachmentRows);
export const interfacesOf = partsOf(listPortsOfInstance);
export const groupsOf = partsOf(listGroupsWithRules);
/** Security groups of the token's project. */
export const groupsOfProject = (ctx: ComputeRequest, page: { limit: number; offset: number }) =>
  listGroupsOfProject(dbOf(ctx), scopeOf(ctx).projectId, page);
/** One of them; what is no id names none. */
export const groupOfProject = async (ctx: ComputeRequest, id: string) =>
  UUID.test(id) ? (await listGroupsOfProject(dbOf(ctx), scopeOf(ctx).projectId, { id, limit: 1 }))[0] : undefined;

const absent = (message: string): Fault => new Fault('not_found', 'facade.refused', { message });
/** The id of a security group of the server's project. @throws Fault not_found, conflict: several have the name */
export const groupNamed = async (ctx: ComputeRequest, id: string, nameOrId: string): Promise<string> => {
  const [found, another] = await store.findGroupIds(dbOf(ctx), id, nameOrId);
  if (found === undefined) throw absent(`Security group ${nameOrId} not found for project.`);
  if (another !== undefined && found !== nameOrId)
    throw new Fault('conflict', 'facade.refused', {
      message: `Multiple security groups found matching '${nameOrId}'. Use an ID to be more specific.`,
    });
  return found;
};
/** The first interface of a server on a network. @throws Fault invalid */
export const portOn = async (ctx: ComputeRequest, id: string, networkId: string): Promise<string> => {
  const found = (await interfacesOf(ctx, id)).find((one) => one.networkId === networkId);
  if (found) return found.id;
  throw new Fault('invalid', 'facade.refused', { message: `The server has no interface on network ${networkId}.` });
};
/** The id of a floating IP of the server's project. @throws Fault not_found */
export const floatingIpWith = async (ctx: ComputeRequest, id: string, address: string): Promise<string> => {
  const found = await store.findFloatingId(dbOf(ctx), id, address);
  if (found === undefined) throw absent('floating IP not found');
  return found;
};
