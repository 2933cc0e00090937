import type { JobHandler } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { finishDelete } from '../domain/lifecycle.js';

/** Jobs of clients: the end of one that is being deleted. */
export const clientTasks = (ctx: ComputeCtx): Record<string, JobHandler> => ({
  'client.delete': async ({ id }) => {
    await finishDelete(ctx, Number(id));
  },
});
