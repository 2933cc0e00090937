import type { Queryable, Tx } from '@nefos/service-kit';
import { conflict, forbidden, notFound } from '../../access/domain/errors.js';
import { isUuid } from '../../access/domain/uuids.js';
import { findProject, insertSystemProject, updateSystemProjectState, type Project } from '../store/projects.js';

/** The part of an account that its system project is made from: both have the same uuid. */
type ProjectHolder = { id: number; uuid: string };

/** Makes the system project of an account unless it exists. */
export const ensureSystemProject = async (tx: Tx, account: ProjectHolder): Promise<void> => {
  await insertSystemProject(tx, account.id, account.uuid);
};
export const resumeSystemProject = async (tx: Tx, accountId: number): Promise<void> => {
  await updateSystemProjectState(tx, accountId, 'active');
};
export const suspendSystemProject = async (tx: Tx, accountId: number): Promise<void> => {
  await updateSystemProjectState(tx, accountId, 'suspended');
};
/**
 * The project, if the account is a member of it. An account is a member of its own system project alone: joining others
 * is not offered yet.
 * @throws not_found project.absent, also for a project of others; conflict project.over; forbidden project.not_member
 */
export const projectOfMember = async (q: Queryable, accountId: number, uuid: string): Promise<Project> => {
  const project = isUuid(uuid) ? await findProject(q, uuid) : undefined;
  if (project?.baseOf !== accountId) throw notFound('project.absent');
  if (project.state === 'terminated' || project.state === 'deleted') throw conflict('project.over');
  if (project.state !== 'active') throw forbidden('project.not_member');
  return project;
};
