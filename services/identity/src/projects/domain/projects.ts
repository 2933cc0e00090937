import { bad, forbidden, notFound } from '../../access/domain/errors.js';
import { isAdmin } from '../../access/domain/roles.js';
import type { UserToken } from '../../access/domain/tokens.js';
import { isUuid } from '../../access/domain/uuids.js';
import type { IdentityRequest } from '../../ctx.js';
import { findLastApplication, findLastApplications, type Application } from '../store/applications.js';
import {
  findAccountId,
  findProject,
  findProjectId,
  listAllProjects,
  listProjectsOf,
  type Project,
} from '../store/projects.js';
import { findComponentProject, isMemberOf } from '../store/members.js';

export type { Project };

/** A project, with its last application for those who may see that. */
export interface ProjectWithApplication {
  project: Project;
  application?: Application | undefined;
}
/** Of the projects that are listed for the user: those of components are there only by membership. */
const isMember = (p: Project, t: UserToken): boolean => p.baseOf === t.user.id || p.madeBy !== null;
/**
 * A project for its owner, members and administrators; public ones that are active for everybody. Owner and
 * administrators also get the last application.
 * @throws not_found project.absent; forbidden
 */
export const showProject = async (
  ctx: IdentityRequest,
  t: UserToken,
  uuid: string,
): Promise<ProjectWithApplication> => {
  const project = await projectByUuid(ctx, uuid);
  const manages = project.ownerId === t.user.id || isAdmin(ctx, await ctx.directory.get(), t);
  const isPublic = project.state === 'active' && !project.private;
  const belongs = project.madeBy === null ? isMember(project, t) : await isMemberOf(ctx.db, project.id, t.user.uuid);
  if (!manages && !belongs && !isPublic) throw forbidden();
  return { project, ...(manages && { application: await findLastApplication(ctx.db, project.id) }) };
};
/** How many projects of one user are read. */
const MAX_PROJECTS = 1000;
export interface OwnProjectsFilter {
  name?: string | undefined;
  /** The uuid of the owner. */
  owner?: string | undefined;
  state?: string | undefined;
  /** `member`: active ones of which the user is a member. `active`: active ones that are not private. */
  mode: string;
}
const fitsMode = (p: Project, t: UserToken, mode: string): boolean =>
  mode === 'member'
    ? p.state === 'active' && isMember(p, t)
    : mode === 'active'
      ? p.state === 'active' && !p.private
      : true;
/** The user's own projects and the system project. */
export const projectsOf = async (
  ctx: IdentityRequest,
  t: UserToken,
  { name, owner, state, mode }: OwnProjectsFilter,
): Promise<ProjectWithApplication[]> => {
  const found = (await listProjectsOf(ctx.db, t.user, { limit: MAX_PROJECTS })).filter(
    (p) =>
      (name === undefined || p.realname === name) &&
      (owner === undefined || p.ownerUuid === owner) &&
      (state === undefined || p.state === state) &&
      fitsMode(p, t, mode),
  );
  const ownIds = found.filter((p) => p.ownerId === t.user.id).map((p) => p.id);
  const applications = ownIds.length ? await findLastApplications(ctx.db, ownIds) : [];
  const byProject = new Map(applications.map((a) => [a.projectId, a]));
  return found.map((project) => ({ project, application: byProject.get(project.id) }));
};
/** Projects to which a token of this user may be scoped: active ones of which the user is a member. */
export const scopableProjects = async (ctx: IdentityRequest, t: UserToken): Promise<Project[]> => {
  const own = (await listProjectsOf(ctx.db, t.user, { limit: MAX_PROJECTS })).filter(
    (p) => p.state === 'active' && isMember(p, t),
  );
  // An application credential is bound to its project.
  return t.credential ? own.filter((p) => p.uuid === (t.project ?? t.user.defaultProject)) : own;
};
/** The caller decides who may see it. @throws not_found project.absent */
export const projectByUuid = async (ctx: IdentityRequest, uuid: string): Promise<Project> => {
  const project = isUuid(uuid) ? await findProject(ctx.db, uuid) : undefined;
  if (!project || (project.madeBy !== null && project.state === 'deleted')) throw notFound('project.absent');
  return project;
};
const SYSTEM_NAME = /^system:(.+)$/;
/**
 * A system project or one of a component by its name, for administrators. Other projects have no name until their
 * application is approved.
 */
export const projectByName = async (ctx: IdentityRequest, name: string): Promise<Project | undefined> => {
  const uuid = SYSTEM_NAME.exec(name)?.[1];
  if (uuid !== undefined && isUuid(uuid)) return findProject(ctx.db, uuid);
  const found = await findComponentProject(ctx.db, name);
  return found === undefined ? undefined : findProject(ctx.db, found);
};
export interface ProjectsPage {
  limit: number;
  /** The uuid of the project after which the page begins. */
  marker?: string | undefined;
  name?: string | undefined;
  enabled?: boolean | undefined;
  /** The uuid of the owner, of the user whose system project it is, or of a member. */
  user?: string | undefined;
}
/**
 * A page of all projects, for administrators; one more than `limit` when there are more.
 * @throws invalid marker.unknown
 */
export const projectsPage = async (
  ctx: IdentityRequest,
  { limit, marker, user, ...filter }: ProjectsPage,
): Promise<Project[]> => {
  const after = marker === undefined ? 0 : isUuid(marker) ? await findProjectId(ctx.db, marker) : undefined;
  if (after === undefined) throw bad('marker.unknown');
  const id = user !== undefined && isUuid(user) ? await findAccountId(ctx.db, user) : undefined;
  if (user !== undefined && id === undefined) return [];
  const account = user === undefined || id === undefined ? undefined : { id, uuid: user };
  return listAllProjects(ctx.db, { ...filter, after, account, limit: limit + 1 });
};
/** The projects of another user, for administrators. */
export const projectsOfAccount = (ctx: IdentityRequest, account: { id: number; uuid: string }): Promise<Project[]> =>
  listProjectsOf(ctx.db, account, { limit: MAX_PROJECTS });
