import type { JobHandler } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { runStorage } from '../domain/run.js';
import { settleVolumes } from '../domain/settle.js';
import { sweepDoomed } from '../domain/sweeps.js';

/**
 * Jobs: `volume.run` carries an operation on, `volume.settle` follows the end of an instance or of its build,
 * `volume.doomed` deletes what is to go with its client.
 */
export const volumeTasks = (ctx: ComputeCtx): Record<string, JobHandler> => ({
  'volume.run': ({ operation }, { signal }) => runStorage(ctx, operation as string, signal),
  'volume.settle': ({ instance }) => settleVolumes(ctx, instance as string),
  'volume.doomed': async () => {
    await sweepDoomed(ctx);
  },
});
