import type { JobHandler } from '@nefos/service-kit';
import type { IntrospectionCtx } from './ctx.js';
import { reportTasks } from './reports/jobs/tasks.js';

/** Everything that introspection does after a request. Payloads hold ids only. */
export const tasks = (ctx: IntrospectionCtx): Record<string, JobHandler> => ({ ...reportTasks(ctx) });
