import { identity } from '@nefos/contracts';
import { asBigInt, endpointFor, isoOffset, parseJsonText } from '@nefos/service-kit';
import { userOf } from '../../access/domain/caller.js';
import { bad } from '../../access/domain/errors.js';
import type { IdentityCtx } from '../../ctx.js';
import { actOnProject, applyForProject, type Application } from '../domain/applications.js';
import { projectsOf, showProject, type ProjectWithApplication } from '../domain/projects.js';

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
const view = ({ project: p, application }: ProjectWithApplication) => ({
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
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
/** The one action of the body, `{name: {...}}`. @throws invalid action.unknown when there are none or several */
const actionOf = (body: Record<string, unknown>) => {
  const [action, ...others] = Object.entries(body);
  if (!action || others.length || !isObject(action[1])) throw bad('action.unknown');
  const [name, { app_id: applicationId, reason, reasons }] = action as [string, Record<string, unknown>];
  return { name, applicationId, reason: reason ?? reasons ?? '' };
};

export const projectEndpoints = [
  endpoint(identity.listProjects, async (ctx, { query }) => (await projectsOf(ctx, userOf(ctx), query)).map(view)),
  endpoint(identity.createProject, async (ctx, { body }) => {
    const { uuid, application } = await applyForProject(ctx, userOf(ctx).user, {
      name: body.name,
      startDate: body.start_date,
      endDate: body.end_date,
      description: body.description,
      homepage: body.homepage,
      comments: body.comments,
      joinPolicy: body.join_policy,
      leavePolicy: body.leave_policy,
      maxMembers: body.max_members,
      private: body.private,
      owner: body.owner,
      resources: body.resources,
    });
    return { id: uuid, application };
  }),
  endpoint(identity.getProject, async (ctx, { params }) => view(await showProject(ctx, userOf(ctx), params.uuid))),
  endpoint(identity.actOnProject, async (ctx, { params, body }) =>
    actOnProject(ctx, userOf(ctx), params.uuid, actionOf(body)),
  ),
];
