import type { JobHandler } from '@nefos/service-kit';
import type { ComputeCtx } from '../ctx.js';
import { cloudTasks } from './cloud.js';
import { portalTasks } from './portal.js';

/** Task to handler. */
export const tasks = (ctx: ComputeCtx): Record<string, JobHandler> => ({ ...portalTasks(ctx), ...cloudTasks(ctx) });
