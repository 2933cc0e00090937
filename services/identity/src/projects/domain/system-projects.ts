import type { Queryable } from '@nefos/service-kit';
import { isUuid } from '../../access/domain/uuids.js';
import { conflict, forbidden, notFound } from '../../access/domain/errors.js';
import { ensureSystemProject, findProject, setSystemProjectState, type Project } from '../store/projects.js';

export { ensureSystemProject, setSystemProjectState };

/**
 * The project, if the user may work in it. Somebody is a member of the own system project alone, until others can be joined.
 * @throws not_found project.absent, also for a project of others; conflict project.over; forbidden project.not_member
 */
export const projectOfMember = async (q: Queryable, accountId: number, uuid: string): Promise<Project> => {
  const project = isUuid(uuid) ? await findProject(q, uuid) : undefined;
  if (project?.baseOf !== accountId) throw notFound('project.absent');
  if (project.state === 'terminated' || project.state === 'deleted') throw conflict('project.over');
  if (project.state !== 'active') throw forbidden('project.not_member');
  return project;
};
