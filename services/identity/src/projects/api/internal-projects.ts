import { identityInternal } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import { componentNameOf } from '../../access/domain/caller.js';
import type { IdentityCtx } from '../../ctx.js';
import { endComponentProject, putComponentProject } from '../domain/component-projects.js';

const endpoint = endpointFor<IdentityCtx>();

/** Projects that components make. */
export const internalProjectEndpoints = [
  endpoint(identityInternal.putProject, async (ctx, { params, body }) =>
    putComponentProject(ctx, params.uuid, componentNameOf(ctx), body),
  ),
  endpoint(identityInternal.deleteProject, async (ctx, { params, query }) =>
    endComponentProject(ctx, params.uuid, componentNameOf(ctx), query.sequence),
  ),
];
