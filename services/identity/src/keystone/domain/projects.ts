import { userOf } from '../../access/domain/caller.js';
import { forbidden, notFound } from '../../access/domain/errors.js';
import { accountByUuid } from '../../accounts/domain/accounts.js';
import type { IdentityRequest } from '../../ctx.js';
import {
  projectByName,
  projectByUuid,
  projectsOfAccount,
  projectsPage,
  scopableProjects,
  type Project,
  type ProjectsPage,
} from '../../projects/domain/projects.js';
import { demandAdmin, isAdministrator, isComponent, isSelf } from './policy.js';

export type { Project };

/** The projects of the calling user to which a token may be scoped. */
export const ownProjects = (ctx: IdentityRequest): Promise<Project[]> => scopableProjects(ctx, userOf(ctx));
const ownProject = async (ctx: IdentityRequest, uuid: string): Promise<Project | undefined> =>
  isComponent(ctx) ? undefined : (await ownProjects(ctx)).find((project) => project.uuid === uuid);

/**
 * The projects that the caller may list. For an administrator `page` of all projects, one more than its limit when
 * there are more; for a user `own` ones, unfiltered. A user's question for another `name` is forbidden, as at Keystone:
 * clients then take the word that they were given as the id of a project, which an empty list would make an error, and
 * nobody learns what exists. `excluded`: the filters can match no project.
 * @throws forbidden; invalid marker.unknown
 */
export const listedProjects = async (
  ctx: IdentityRequest,
  { excluded, ...filter }: ProjectsPage & { excluded: boolean },
): Promise<{ page: Project[] } | { own: Project[] }> => {
  if (await isAdministrator(ctx)) return { page: excluded ? [] : await projectsPage(ctx, filter) };
  if (isComponent(ctx)) throw forbidden();
  const isOthers = filter.user !== undefined && filter.user !== userOf(ctx).user.uuid;
  const own = excluded || isOthers ? [] : await ownProjects(ctx);
  if (filter.name !== undefined && !own.some((p) => p.realname === filter.name)) throw forbidden();
  return { own };
};
/** By v3: an own project, or any for an administrator. @throws forbidden; not_found project.absent */
export const projectForV3 = async (ctx: IdentityRequest, uuid: string): Promise<Project> => {
  const own = await ownProject(ctx, uuid);
  if (own) return own;
  await demandAdmin(ctx);
  return projectByUuid(ctx, uuid);
};
/** By v2.0: as on v3, except that for a user every other project looks absent. @throws not_found project.absent */
export const projectForV2 = async (ctx: IdentityRequest, uuid: string): Promise<Project> => {
  const own = await ownProject(ctx, uuid);
  if (own) return own;
  if (!(await isAdministrator(ctx))) throw notFound('project.absent');
  return projectByUuid(ctx, uuid);
};
/** By name, for administrators. @throws forbidden; not_found project.absent */
export const projectNamed = async (ctx: IdentityRequest, name: string): Promise<Project> => {
  await demandAdmin(ctx);
  const project = await projectByName(ctx, name);
  if (!project) throw notFound('project.absent');
  return project;
};
/** The projects of a user, for that user and for administrators. @throws forbidden; not_found user.absent */
export const projectsOfUser = async (ctx: IdentityRequest, userUuid: string): Promise<Project[]> => {
  if (isSelf(ctx, userUuid)) return ownProjects(ctx);
  await demandAdmin(ctx);
  const account = await accountByUuid(ctx.db, userUuid);
  return (await projectsOfAccount(ctx, account)).filter((p) => p.baseOf === account.id || p.madeBy !== null);
};
