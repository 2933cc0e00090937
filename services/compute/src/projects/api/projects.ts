import { compute } from '@nefos/contracts';
import { endpointFor, type Endpoint } from '@nefos/service-kit';
import { actingOf } from '../../access/api/acting.js';
import { viewerOf } from '../../access/api/viewer.js';
import type { ComputeCtx } from '../../ctx.js';
import { envelope } from '../../lists/api/envelope.js';
import { changeProject, createProject, getProject, listProjects } from '../domain/projects.js';
import { setLimits, showQuotas } from '../domain/quotas.js';
import { projectView, quotasView } from './projects.view.js';

const endpoint = endpointFor<ComputeCtx>();
const forRoot = (at: typeof compute.staffProjects | typeof compute.userProjects): Endpoint<ComputeCtx>[] => [
  endpoint(at.list, async (ctx, { req, query }) => {
    // Staff see every project; an end user may narrow the list to one of the own clients.
    const acting = viewerOf(ctx).staff ? undefined : actingOf(req);
    return envelope(ctx, req, await listProjects(ctx, query, acting), projectView);
  }),
  endpoint(at.get, async (ctx, { params }) => projectView(await getProject(ctx, params.project_id))),
  endpoint(at.quotas, async (ctx, { params }) => quotasView(await showQuotas(ctx, params.project_id))),
];
export const projectEndpoints: Endpoint<ComputeCtx>[] = [
  ...forRoot(compute.staffProjects),
  ...forRoot(compute.userProjects),
  endpoint(compute.createProject, async (ctx, { body }) =>
    projectView(await createProject(ctx, { serviceId: body.service, name: body.name })),
  ),
  endpoint(compute.patchProject, async (ctx, { params, body }) =>
    projectView(await changeProject(ctx, params.project_id, body)),
  ),
  endpoint(compute.patchQuotas, async (ctx, { params, body: { force, ...changes } }) =>
    quotasView(await setLimits(ctx, params.project_id, changes, { force: force ?? false })),
  ),
];
