import type { JobHandler } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { turnOf } from '../../operations/domain/accept.js';
import { runOtherSoon } from '../../operations/domain/others.js';
import { STORAGE_TASK } from '../domain/accept.js';
import { settleSoon } from '../domain/end.js';
import { runStorage } from '../domain/run.js';
import { settleVolumes } from '../domain/settle.js';
import { sweepDoomed } from '../domain/sweeps.js';

/**
 * Jobs: `volume.run` carries an operation on, `volume.settle` follows the end of an instance or of its build,
 * `volume.doomed` deletes what is to go with its client.
 */
export const volumeTasks = (ctx: ComputeCtx): Record<string, JobHandler> => ({
  'volume.run': async ({ operation = '', turn = '' }, { signal, alone }) => {
    if (!(await alone(turn, (own) => runStorage(ctx, operation, signal, own))))
      await runOtherSoon(ctx, { task: STORAGE_TASK, operationId: operation, turn });
  },
  'volume.settle': async ({ instance = '' }, { alone }) => {
    if (!(await alone(turnOf(instance), (turn) => settleVolumes(ctx, instance, turn)))) await settleSoon(ctx, instance);
  },
  'volume.doomed': async () => {
    await sweepDoomed(ctx);
  },
});
