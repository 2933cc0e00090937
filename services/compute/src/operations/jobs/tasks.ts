import type { JobHandler } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { turnOf } from '../domain/accept.js';
import { nameMachine, nameSoon, RENAME } from '../domain/names.js';
import { checkPowerState } from '../domain/power.js';
import { runOperation, runSoon } from '../domain/run.js';

/**
 * Jobs: `instance.run` carries an operation on, `instance.rename` gives a machine its instance's name, `instance.look`
 * compares an instance with its machine.
 */
export const operationTasks = (ctx: ComputeCtx): Record<string, JobHandler> => ({
  'instance.run': async ({ operation = '', instance = '' }, { signal, alone }) => {
    if (!(await alone(turnOf(instance), (turn) => runOperation(ctx, operation, signal, turn))))
      await runSoon(ctx, operation);
  },
  [RENAME]: async ({ instance = '' }, { alone }) => {
    if (!(await alone(turnOf(instance), (turn) => nameMachine(ctx, instance, turn)))) await nameSoon(ctx, instance);
  },
  // It changes nothing when an operation was accepted meanwhile.
  'instance.look': ({ instance = '' }) => checkPowerState(ctx, instance),
});
