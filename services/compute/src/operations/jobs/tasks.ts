import type { JobHandler } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { runOperation } from '../domain/run.js';
import { checkPowerState } from '../domain/power.js';

/** Jobs: `instance.run` carries an operation on, `instance.look` compares an instance with its machine. */
export const operationTasks = (ctx: ComputeCtx): Record<string, JobHandler> => ({
  'instance.run': ({ operation }, { signal }) => runOperation(ctx, operation as string, signal),
  'instance.look': ({ instance }) => checkPowerState(ctx, instance as string),
});
