import { identity } from '@nefos/contracts';
import { asBigInt, endpointFor, isoOffset, parseJsonText } from '@nefos/service-kit';
import type { IdentityCtx } from '../../ctx.js';
import { bad } from '../../access/domain/errors.js';
import {
  applyForProject,
  cancelProject,
  projectsOf,
  showProject,
  type Application,
  type ShownProject,
} from '../domain/projects.js';
import { userOf } from '../../access/domain/caller.js';

const endpoint = endpointFor<IdentityCtx>();
const applicationView = (a: Application) => ({
  id: a.id,
  state: a.state,
  name: a.name,
  owner: a.owner,
  applicant: a.applicant,
  homepage: a.homepage,
  description: a.description,
  start_date: isoOffset(a.startDate),
  end_date: isoOffset(a.endDate),
  comments: a.comments,
  join_policy: a.joinPolicy,
  leave_policy: a.leavePolicy,
  max_members: BigInt(a.maxMembers),
  private: a.private,
  resources: parseJsonText(a.resources, asBigInt),
});
const view = ({ project: p, application }: ShownProject) => ({
  id: p.uuid,
  state: p.state,
  creation_date: isoOffset(p.creationDate),
  name: p.realname,
  owner: p.ownerUuid,
  homepage: p.homepage,
  description: p.description,
  end_date: isoOffset(p.endDate),
  join_policy: p.joinPolicy,
  leave_policy: p.leavePolicy,
  max_members: BigInt(p.maxMembers),
  private: p.private,
  system_project: p.isBase,
  resources: parseJsonText(p.resources, asBigInt),
  ...(application && {
    last_application: applicationView(application),
    ...(p.deactivationDate && { deactivation_date: isoOffset(p.deactivationDate) }),
  }),
});
const KNOWN = ['suspend', 'unsuspend', 'terminate', 'reinstate', 'approve', 'deny', 'cancel', 'dismiss'];

export const projectEndpoints = [
  endpoint(identity.listProjects, async (ctx, { query }) => (await projectsOf(ctx, userOf(ctx), query)).map(view)),
  endpoint(identity.createProject, async (ctx, { body }) => {
    const made = await applyForProject(ctx, userOf(ctx).user, body);
    return { id: made.uuid, application: made.application };
  }),
  endpoint(identity.getProject, async (ctx, { params }) => view(await showProject(ctx, userOf(ctx), params.uuid))),
  endpoint(identity.actOnProject, async (ctx, { params, body }) => {
    const names = Object.keys(body);
    const [name] = names;
    const value = body[name ?? ''];
    if (names.length !== 1 || !KNOWN.includes(name ?? '') || typeof value !== 'object' || value === null)
      throw bad('action.unknown');
    const { app_id, reason, reasons } = value as Record<string, unknown>;
    const why = reason ?? reasons ?? '';
    if (name !== 'cancel' || !Number.isSafeInteger(app_id) || typeof why !== 'string' || why.length > 4096)
      throw bad('action.unknown');
    await cancelProject(ctx, userOf(ctx), params.uuid, app_id as number, why);
  }),
];
