import { listRegionIds } from '../../catalog/domain/parts.js';
import type { ComputeCtx } from '../../ctx.js';
import type { Sweep } from '../../sweep.js';
import { sweepOrphans, sweepSyncs } from '../domain/sync.js';

/** Continues changes of the network without a job, and removes what drivers have still of what is gone. */
export const networkingSweeps = (ctx: ComputeCtx): Sweep[] => [
  { name: 'network.stuck', everySeconds: 5, work: () => sweepSyncs(ctx) },
  { name: 'network.orphans', everySeconds: 600, work: async () => sweepOrphans(ctx, await listRegionIds(ctx.db)) },
];
