import type { JobHandler } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { syncProject } from '../domain/project-sync.js';

export const ownerTasks = (ctx: ComputeCtx): Record<string, JobHandler> => ({
  'project.sync': ({ id }) => syncProject(ctx, String(id)),
});
