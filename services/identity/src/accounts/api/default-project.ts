import { identity } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import { userOf } from '../../access/domain/caller.js';
import type { IdentityCtx } from '../../ctx.js';
import { chooseDefaultProject } from '../domain/default-project.js';

const endpoint = endpointFor<IdentityCtx>();
export const defaultProjectEndpoints = [
  endpoint(identity.setDefaultProject, async (ctx, { body }) =>
    chooseDefaultProject(ctx, userOf(ctx), body.project_id),
  ),
];
