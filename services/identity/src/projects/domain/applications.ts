import { randomUUID } from 'node:crypto';
import { parseInstant } from '@nefos/contracts';
import { audit } from '../../access/domain/audit.js';
import { bad, conflict, forbidden, notFound } from '../../access/domain/errors.js';
import { isAdmin } from '../../access/domain/roles.js';
import type { TokenUser, UserToken } from '../../access/domain/tokens.js';
import { isUuid } from '../../access/domain/uuids.js';
import type { IdentityRequest } from '../../ctx.js';
import {
  cancelApplication,
  countPending,
  findLastApplication,
  insertApplication,
  type Application,
} from '../store/applications.js';
import { lockProject } from '../store/projects.js';

export type { Application };

/** What a user fills in. Dates are RFC 3339; `startDate` absent: at once. */
export interface ApplicationForm {
  name: string;
  startDate?: string | null | undefined;
  endDate: string;
  description: string;
  homepage: string;
  comments: string;
  joinPolicy: string;
  leavePolicy: string;
  /** A number, or text such as `2K`; absent: no limit. */
  maxMembers?: number | bigint | string | undefined;
  private: boolean;
  /** The uuid of the owner, who can only be the applicant. */
  owner?: string | undefined;
  resources: Record<string, unknown>;
}

/** The largest amount that Astakos knows, 2^63-1: no limit. */
export const PRACTICALLY_INFINITE = 2n ** 63n - 1n;
/** How many applications of one user may wait at the same time. */
const MAX_PENDING = 20;
/** A domain name of at most 80 characters. */
const NAME = /^(?=.{1,80}$)([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,6}$/;
const UNITS = ['', 'K', 'M', 'G', 'T', 'P'];
/** `field` is the name on the wire, which the answer repeats. */
const refuse = (field: string): never => {
  throw bad('project.field', { field });
};
/**
 * Reads a number, a text with a unit of 1024, or a text for no limit (contract identity §7.6).
 * @throws invalid project.field
 */
export const maxMembersOf = (input: number | bigint | string | undefined): bigint => {
  if (input === undefined) return PRACTICALLY_INFINITE;
  if (typeof input === 'string' && /^inf(inite)?$/.test(input)) return PRACTICALLY_INFINITE;
  const [, digits, unit = ''] = /^(\d{1,19})([KMGTP]?)$/.exec(String(input)) ?? [];
  const value = digits === undefined ? -1n : BigInt(digits) * 1024n ** BigInt(UNITS.indexOf(unit));
  return value >= 0n && value <= PRACTICALLY_INFINITE ? value : refuse('max_members');
};
const startDateOf = (text: string | null | undefined): string | null => {
  if (text === undefined || text === null) return null;
  const instant = parseInstant(text);
  return instant ? new Date(instant.ms).toISOString() : refuse('start_date');
};
const endDateOf = (text: string, now: Date): string => {
  const instant = parseInstant(text);
  return instant && instant.ms > now.getTime() ? new Date(instant.ms).toISOString() : refuse('end_date');
};
/**
 * Applies for a project, which stays uninitialized until the application is approved; approval is not offered yet.
 * @throws invalid project.name_missing, project.field; conflict project.pending_limit
 */
export const applyForProject = async (
  ctx: IdentityRequest,
  user: TokenUser,
  form: ApplicationForm,
): Promise<{ uuid: string; application: number }> => {
  if (!form.name) throw bad('project.name_missing');
  if (!NAME.test(form.name)) refuse('name');
  if (Object.keys(form.resources).length) refuse('resources'); // no resource can be applied for yet
  if (form.owner !== undefined && form.owner !== user.uuid) refuse('owner');
  const { name, homepage, description, joinPolicy, leavePolicy, comments } = form;
  const application = {
    uuid: randomUUID(),
    name,
    homepage,
    description,
    startDate: startDateOf(form.startDate),
    endDate: endDateOf(form.endDate, ctx.clock.now()),
    joinPolicy,
    leavePolicy,
    maxMembers: maxMembersOf(form.maxMembers),
    private: form.private,
    ownerId: user.id,
    applicantId: user.id,
    comments,
  };
  return ctx.db.transaction(async (tx) => {
    if ((await countPending(tx, user.id)) >= MAX_PENDING) throw conflict('project.pending_limit');
    const id = await insertApplication(tx, application);
    await audit(ctx, tx, 'project.apply', application.uuid);
    return { uuid: application.uuid, application: id };
  });
};

/** The actions of Astakos. Of these only `cancel` is offered yet; the others are refused like unknown ones. */
export interface ProjectAction {
  name: string;
  applicationId: unknown;
  reason: unknown;
}
const MAX_REASON = 4096;
/** @throws invalid action.unknown; as `cancelApplicationOf` */
export const actOnProject = async (
  ctx: IdentityRequest,
  token: UserToken,
  uuid: string,
  { name, applicationId, reason }: ProjectAction,
): Promise<void> => {
  const isValid = name === 'cancel' && typeof reason === 'string' && reason.length <= MAX_REASON;
  if (!isValid || typeof applicationId !== 'number' || !Number.isSafeInteger(applicationId))
    throw bad('action.unknown');
  await cancelApplicationOf(ctx, token, uuid, { applicationId, reason });
};
/**
 * Withdraws the pending application of a project, by its applicant or an administrator.
 * @throws not_found project.absent; conflict project.application when it is not the last one or not pending; forbidden
 */
const cancelApplicationOf = async (
  ctx: IdentityRequest,
  token: UserToken,
  uuid: string,
  { applicationId, reason }: { applicationId: number; reason: string },
): Promise<void> => {
  const admin = isAdmin(ctx, await ctx.directory.get(), token);
  await ctx.db.transaction(async (tx) => {
    const project = isUuid(uuid) ? await lockProject(tx, uuid) : undefined;
    if (!project) throw notFound('project.absent');
    const last = await findLastApplication(tx, project.id);
    if (last?.id !== applicationId) throw conflict('project.application');
    if (last.applicantId !== token.user.id && !admin) throw forbidden();
    if (last.state !== 'pending') throw conflict('project.application');
    await cancelApplication(tx, project.id, last.id, reason);
    await audit(ctx, tx, 'project.cancel', uuid);
  });
};
