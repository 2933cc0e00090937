import { invalid, notFound } from '@nefos/service-kit';
import type { ComputeRequest } from '../../ctx.js';
import { callerOf, visibleClients } from '../../access/domain/caller.js';
import { dbOf } from '../../access/domain/claim.js';
import type { Page } from '../../lists/list-plan.js';
import type { Query } from '../../lists/list-query.js';
import { projectsChanged } from '../../owners/domain/project-sync.js';
import { invalidValue, unknownKey } from '../../refusals.js';
import { insertProject, listProjects as pageOfProjects, lockService, updateProject } from '../store/projects.js';
import type { Project } from '../store/projects.js';

export type { Project } from '../store/projects.js';

const ID = /^[0-9a-f]{32}$/;
/** Projects that the caller may see. @param acting the client that an end user names */
export const listProjects = (ctx: ComputeRequest, query: Query, acting?: string): Promise<Page<Project>> =>
  pageOfProjects(dbOf(ctx), query, { clientIds: visibleClients(callerOf(ctx), acting) });
/** @throws Fault not_found */
export const getProject = async (ctx: ComputeRequest, id: string): Promise<Project> => {
  const clientIds = visibleClients(callerOf(ctx), undefined);
  const found = ID.test(id) ? (await pageOfProjects(dbOf(ctx), {}, { clientIds, id })).rows[0] : undefined;
  if (!found) throw notFound();
  return found;
};

/**
 * Gives an OpenStack service its project; a service has at most one (contract compute §8.1).
 * @param wanted.name absent: `client-<id of the client>`
 * @throws Fault invalid
 */
export const createProject = async (
  ctx: ComputeRequest,
  { serviceId, name }: { serviceId: number; name?: string | undefined },
): Promise<Project> => {
  const id = await dbOf(ctx).transaction(async (tx) => {
    const service = await lockService(tx, serviceId);
    if (!service) throw invalid([unknownKey(['service'], serviceId)]);
    if (service.productType !== 'openstack' || !['pending', 'active', 'suspended'].includes(service.status))
      throw invalidValue(['service'], 'project.service');
    const made = await insertProject(tx, { serviceId, name: name ?? `client-${service.clientId}` });
    await projectsChanged(tx, service.clientId);
    return made;
  });
  return getProject(ctx, id);
};
/**
 * Renames a project, disables it or enables it again. Nothing new is made in a disabled project; what is there stays
 * as it is.
 * @throws Fault not_found
 */
export const changeProject = async (
  ctx: ComputeRequest,
  projectId: string,
  changes: { name?: string; disabled?: boolean },
): Promise<Project> => {
  const { id, clientId } = await getProject(ctx, projectId);
  await dbOf(ctx).transaction(async (tx) => {
    await updateProject(tx, id, changes);
    await projectsChanged(tx, clientId);
  });
  return getProject(ctx, id);
};
