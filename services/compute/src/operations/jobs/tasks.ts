import type { JobHandler } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { runOperation } from '../domain/run.js';
import { dropImage } from '../domain/snapshot-images.js';
import { checkPowerState } from '../domain/power.js';

/**
 * Jobs: `instance.run` carries an operation on, `instance.look` compares an instance with its machine, `image.drop`
 * deletes what a snapshot left.
 */
export const operationTasks = (ctx: ComputeCtx): Record<string, JobHandler> => ({
  'instance.run': ({ operation }, { signal }) => runOperation(ctx, operation as string, signal),
  'image.drop': ({ image }) => dropImage(ctx, image as string),
  'instance.look': ({ instance }) => checkPowerState(ctx, instance as string),
});
