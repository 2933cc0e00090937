import type { JobHandler } from '@nefos/service-kit';
import type { IntrospectionCtx } from './ctx.js';
import { reportTasks } from './reports/jobs/tasks.js';
import { runJobs } from './runs/jobs/runs.js';

/** Everything that introspection does after a request. Payloads hold ids only. */
export const tasks = (ctx: IntrospectionCtx): Record<string, JobHandler> => ({ ...runJobs(ctx), ...reportTasks(ctx) });
