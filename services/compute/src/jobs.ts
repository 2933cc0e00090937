import type { JobHandler } from '@nefos/service-kit';
import { catalogTasks } from './catalog/jobs/tasks.js';
import { clientTasks } from './clients/jobs/tasks.js';
import type { ComputeCtx } from './ctx.js';
import { eventTasks } from './events/jobs/tasks.js';
import { instanceTasks } from './instances/jobs/tasks.js';
import { networkingTasks } from './networking/jobs/tasks.js';
import { operationTasks } from './operations/jobs/tasks.js';
import { volumeTasks } from './volumes/jobs/tasks.js';
import { ownerTasks } from './owners/jobs/tasks.js';
import { userTasks } from './users/jobs/tasks.js';

/** Handlers of all jobs, by the name of their task. */
export const tasks = (ctx: ComputeCtx): Record<string, JobHandler> => ({
  ...ownerTasks(ctx),
  ...userTasks(ctx),
  ...eventTasks(ctx),
  ...catalogTasks(ctx),
  ...networkingTasks(ctx),
  ...operationTasks(ctx),
  ...volumeTasks(ctx),
  ...instanceTasks(ctx),
  ...clientTasks(ctx),
});
