import type { JobHandler } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { turnOf } from '../../operations/domain/accept.js';
import { runSoon } from '../../operations/domain/run.js';
import { runInterface } from '../domain/run-interface.js';

/** The job `instance.interface` gives a machine an interface, or takes one away. */
export const instanceTasks = (ctx: ComputeCtx): Record<string, JobHandler> => ({
  'instance.interface': async ({ operation = '', instance = '' }, { alone }) => {
    if (!(await alone(turnOf(instance), (turn) => runInterface(ctx, operation, turn)))) await runSoon(ctx, operation);
  },
});
