import type { JobHandler } from '@nefos/service-kit';
import type { ComputeCtx } from './ctx.js';
import { cloudTasks } from './operations/jobs/tasks.js';
import { portalTasks } from './users/jobs/tasks.js';

/** Task to handler. */
export const tasks = (ctx: ComputeCtx): Record<string, JobHandler> => ({ ...portalTasks(ctx), ...cloudTasks(ctx) });
