import { randomUUID } from 'node:crypto';
import { parseInstant } from '@nefos/contracts';
import type { IdentityRequest } from '../../ctx.js';
import {
  cancelApplication,
  countPending,
  findLastApplication,
  findLastApplications,
  findOwner,
  findProject,
  insertProject,
  listAllProjects,
  listProjectsOf,
  lockProject,
  numberOf,
  type Application,
  type NewProject,
  type Project,
} from '../store/projects.js';
import { isUuid } from '../../access/domain/uuids.js';
import { audit } from '../../access/domain/audit.js';
import { bad, conflict, forbidden, notFound } from '../../access/domain/errors.js';
import { isAdmin } from '../../access/domain/roles.js';
import type { TokenUser, UserToken } from '../../access/domain/tokens.js';

export type { Application, Project };

export interface ProjectWish {
  name: string;
  start_date?: string | null | undefined;
  end_date: string;
  description: string;
  homepage: string;
  comments: string;
  join_policy: string;
  leave_policy: string;
  max_members?: number | bigint | string | undefined;
  private: boolean;
  owner?: string | undefined;
  resources: Record<string, unknown>;
}

export const PRACTICALLY_INFINITE = 2n ** 63n - 1n;
const PENDING_AT_ONCE = 20;
const NAME = /^(?=.{1,80}$)([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,6}$/;
const UNITS = ['', 'K', 'M', 'G', 'T', 'P'];
const refuse = (field: string): never => {
  throw bad('project.field', { field });
};
/** A number, or text with a unit of 1024, or no bound (contract identity §7.6). */
export const maxMembersOf = (wanted: number | bigint | string | undefined): bigint => {
  if (wanted === undefined) return PRACTICALLY_INFINITE;
  if (typeof wanted === 'string' && /^inf(inite)?$/.test(wanted)) return PRACTICALLY_INFINITE;
  const found = /^(\d{1,19})([KMGTP]?)$/.exec(String(wanted));
  const value = found ? BigInt(found[1] ?? '0') * 1024n ** BigInt(UNITS.indexOf(found[2] ?? '')) : -1n;
  return value >= 0n && value <= PRACTICALLY_INFINITE ? value : refuse('max_members');
};
const startOf = (text: string | null | undefined): string | null => {
  if (text === undefined || text === null) return null;
  const found = parseInstant(text);
  return found ? new Date(found.ms).toISOString() : refuse('start_date');
};
const endOf = (text: string, now: Date): string => {
  const found = parseInstant(text);
  return found && found.ms > now.getTime() ? new Date(found.ms).toISOString() : refuse('end_date');
};
/** Applies for a project: it stays uninitialized until somebody approves, which is not offered yet. */
export const applyForProject = async (
  ctx: IdentityRequest,
  user: TokenUser,
  wish: ProjectWish,
): Promise<{ uuid: string; application: number }> => {
  if (!wish.name) throw bad('project.name_missing');
  if (!NAME.test(wish.name)) refuse('name');
  if (Object.keys(wish.resources).length) refuse('resources'); // none are registered yet
  if (wish.owner !== undefined && wish.owner !== user.uuid) refuse('owner');
  const row: NewProject = {
    uuid: randomUUID(),
    name: wish.name,
    homepage: wish.homepage,
    description: wish.description,
    startDate: startOf(wish.start_date),
    endDate: endOf(wish.end_date, ctx.clock.now()),
    joinPolicy: wish.join_policy,
    leavePolicy: wish.leave_policy,
    maxMembers: maxMembersOf(wish.max_members),
    private: wish.private,
    resources: '{}',
    ownerId: user.id,
    applicantId: user.id,
    comments: wish.comments,
  };
  return ctx.db.transaction(async (tx) => {
    if ((await countPending(tx, user.id)) >= PENDING_AT_ONCE) throw conflict('project.pending_limit');
    const made = await insertProject(tx, row);
    await audit(ctx, tx, 'project.apply', made.uuid);
    return made;
  });
};
export interface ShownProject {
  project: Project;
  application?: Application | undefined;
}
const isMember = (p: Project, t: UserToken): boolean => p.baseOf === t.user.id;
/** The project, and to its owner and administrators its last application. @throws not_found, forbidden */
export const showProject = async (ctx: IdentityRequest, t: UserToken, uuid: string): Promise<ShownProject> => {
  const project = isUuid(uuid) ? await findProject(ctx.db, uuid) : undefined;
  if (!project) throw notFound('project.absent');
  const manages = project.ownerId === t.user.id || isAdmin(ctx, await ctx.directory.get(), t);
  if (!manages && !isMember(project, t) && !(project.state === 'active' && !project.private)) throw forbidden();
  return { project, ...(manages && { application: await findLastApplication(ctx.db, project.id) }) };
};
const LIST_MOST = 1000;
/** Own projects; with `member` or `active` only live ones. */
export const projectsOf = async (
  ctx: IdentityRequest,
  t: UserToken,
  {
    name,
    owner,
    state,
    mode,
  }: { name?: string | undefined; owner?: string | undefined; state?: string | undefined; mode: string },
): Promise<ShownProject[]> => {
  const all = (await listProjectsOf(ctx.db, t.user.id, { limit: LIST_MOST })).filter(
    (p) =>
      (name === undefined || p.realname === name) &&
      (owner === undefined || p.ownerUuid === owner) &&
      (state === undefined || p.state === state) &&
      (mode === 'member'
        ? p.state === 'active' && isMember(p, t)
        : mode === 'active'
          ? p.state === 'active' && !p.private
          : true),
  );
  const owned = all.filter((p) => p.ownerId === t.user.id).map((p) => p.id);
  const applications = new Map(
    (owned.length ? await findLastApplications(ctx.db, owned) : []).map((a) => [a.projectId, a]),
  );
  return all.map((project) => ({ project, application: applications.get(project.id) }));
};
/** The only action yet: the applicant, or an administrator, withdraws a pending application. */
export const cancelProject = async (
  ctx: IdentityRequest,
  t: UserToken,
  uuid: string,
  applicationId: number,
  reason: string,
): Promise<void> => {
  const admin = isAdmin(ctx, await ctx.directory.get(), t);
  await ctx.db.transaction(async (tx) => {
    const project = isUuid(uuid) ? await lockProject(tx, uuid) : undefined;
    if (!project) throw notFound('project.absent');
    const last = await findLastApplication(tx, project.id);
    if (last?.id !== applicationId) throw conflict('project.application');
    if (last.applicantId !== t.user.id && !admin) throw forbidden();
    if (last.state !== 'pending') throw conflict('project.application');
    await cancelApplication(tx, project.id, last.id, reason);
    await audit(ctx, tx, 'project.cancel', uuid);
  });
};
/** Projects to which a token may be scoped: live membership. */
export const scopable = async (ctx: IdentityRequest, t: UserToken): Promise<Project[]> => {
  const all = (await listProjectsOf(ctx.db, t.user.id, { limit: LIST_MOST })).filter(
    (p) => p.state === 'active' && isMember(p, t),
  );
  const { credential } = t;
  return credential ? all.filter((p) => p.uuid === (t.project ?? t.user.defaultProject)) : all;
};
/** A project by uuid, for administrators. @throws not_found project.absent */
export const projectByUuid = async (ctx: IdentityRequest, uuid: string): Promise<Project> => {
  const found = isUuid(uuid) ? await findProject(ctx.db, uuid) : undefined;
  if (!found) throw notFound('project.absent');
  return found;
};
/** A system project by its name, for administrators; other projects get names when they can be approved. */
export const projectNamed = async (ctx: IdentityRequest, name: string): Promise<Project | undefined> =>
  /^system:/.test(name) && isUuid(name.slice(7)) ? findProject(ctx.db, name.slice(7)) : undefined;
export interface ProjectsPage {
  limit: number;
  marker?: string | undefined;
  name?: string | undefined;
  enabled?: boolean | undefined;
  /** Whose projects: owned ones and the system project. */ user?: string | undefined;
}
/** A page of all projects, for administrators, one more than asked for; none of an unknown user. @throws invalid marker.unknown */
export const everyProject = async (
  ctx: IdentityRequest,
  { limit, marker, user, ...filter }: ProjectsPage,
): Promise<Project[]> => {
  const after = marker === undefined ? '0' : isUuid(marker) ? await numberOf(ctx.db, marker) : undefined;
  if (after === undefined) throw bad('marker.unknown');
  const accountId = user === undefined ? undefined : isUuid(user) ? await findOwner(ctx.db, user) : 0;
  if (user !== undefined && !accountId) return [];
  return listAllProjects(ctx.db, { ...filter, after, accountId, limit: limit + 1 });
};
