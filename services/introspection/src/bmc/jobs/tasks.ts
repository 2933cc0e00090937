import type { JobHandler } from '@nefos/service-kit';
import type { IntrospectionCtx } from '../../ctx.js';
import { stepPower } from '../domain/power-job.js';
import { bootSimulated } from '../domain/simulated-boot.js';
import { BOOT_SIMULATED, STEP_POWER } from '../domain/task-names.js';

export const bmcJobs = (ctx: IntrospectionCtx): Record<string, JobHandler> => ({
  [STEP_POWER]: ({ node }, { signal }) => stepPower(ctx, String(node), signal),
  [BOOT_SIMULATED]: ({ node, start }) => bootSimulated(ctx, String(node), Number(start)),
});
