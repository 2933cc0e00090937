import type { JobHandler } from '@nefos/service-kit';
import type { IntrospectionCtx } from '../../ctx.js';
import { TASKS } from '../../runs/domain/tasks.js';
import { inspectOutOfBand } from '../domain/out-of-band.js';
import { reapplyStored } from '../domain/reapply.js';

export const reportTasks = (ctx: IntrospectionCtx): Record<string, JobHandler> => ({
  [TASKS.reapply]: ({ node = '', run = '' }) => reapplyStored(ctx, node, run),
  [TASKS.outOfBand]: ({ node = '', run = '' }, { signal }) => inspectOutOfBand(ctx, node, run, signal),
});
