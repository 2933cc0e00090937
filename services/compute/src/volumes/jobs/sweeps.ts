import type { ComputeCtx } from '../../ctx.js';
import type { Sweep } from '../../sweep.js';
import { sweepDoomed, sweepOrphanVolumes, sweepStuckVolumes } from '../domain/sweeps.js';

/** Continues operations on volumes without a job, and keeps rows and volumes alike (contract compute §8.1, §10). */
export const volumeSweeps = (ctx: ComputeCtx): Sweep[] => [
  { name: 'volumes.stuck', everySeconds: 5, work: () => sweepStuckVolumes(ctx) },
  { name: 'volumes.doomed', everySeconds: 15, work: () => sweepDoomed(ctx) },
  { name: 'volumes.orphans', everySeconds: 600, work: () => sweepOrphanVolumes(ctx) },
];
