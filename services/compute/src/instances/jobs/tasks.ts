import type { JobHandler } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { runInterface } from '../domain/run-interface.js';

/** The job `instance.interface` gives a machine an interface, or takes one away. */
export const instanceTasks = (ctx: ComputeCtx): Record<string, JobHandler> => ({
  'instance.interface': ({ operation }) => runInterface(ctx, operation as string),
});
