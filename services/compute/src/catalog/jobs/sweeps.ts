import type { ComputeCtx } from '../../ctx.js';
import type { Sweep } from '../../sweep.js';
import { sweepImageDeletes } from '../domain/snapshot-images.js';

/** Finds images whose deletion lost its job. */
export const catalogSweeps = (ctx: ComputeCtx): Sweep[] => [
  { name: 'images.deletes', everySeconds: 60, work: () => sweepImageDeletes(ctx) },
];
