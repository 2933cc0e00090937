import type { JobHandler } from '@nefos/service-kit';
import type { ComputeCtx } from '../ctx.js';

/** Jobs of instances and operations. */
export const cloudTasks = (_ctx: ComputeCtx): Record<string, JobHandler> => ({});
