import type { JobHandler } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { runOperation } from '../domain/run.js';
import { lookAtInstance } from '../domain/power.js';

/** Jobs of instances: carry an operation on; compare an instance with its machine. */
export const operationTasks = (ctx: ComputeCtx): Record<string, JobHandler> => ({
  'instance.run': ({ operation }, { signal }) => runOperation(ctx, operation as string, signal),
  'instance.look': ({ instance }) => lookAtInstance(ctx, instance as string),
});
