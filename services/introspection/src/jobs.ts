import type { JobHandler } from '@nefos/service-kit';
import { bmcJobs } from './bmc/jobs/tasks.js';
import type { IntrospectionCtx } from './ctx.js';
import { provisioningJobs } from './provisioning/jobs/tasks.js';
import { startOutOfBand } from './reports/domain/out-of-band.js';
import { reportTasks } from './reports/jobs/tasks.js';
import { runJobs } from './runs/jobs/runs.js';

/** Everything that introspection does after a request. Payloads hold ids only. */
export const tasks = (ctx: IntrospectionCtx): Record<string, JobHandler> => ({
  ...bmcJobs(ctx),
  ...runJobs(ctx, startOutOfBand),
  ...reportTasks(ctx),
  ...provisioningJobs(ctx),
});
