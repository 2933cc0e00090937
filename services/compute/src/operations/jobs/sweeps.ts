import type { ComputeCtx } from '../../ctx.js';
import { sweepPower } from '../domain/power.js';
import { sweepSnapshotImages } from '../domain/snapshot-images.js';
import { sweepStuck } from '../domain/stuck.js';
import { sweepTrafficLimits } from '../domain/traffic-limits.js';
import type { Sweep } from '../../sweep.js';

/** Continues operations without a job, and keeps rows and machines alike (contract compute §7.3, §10). */
export const operationSweeps = (ctx: ComputeCtx): Sweep[] => [
  { name: 'instances.stuck', everySeconds: 5, work: () => sweepStuck(ctx) },
  { name: 'images.unfinished', everySeconds: 15, work: () => sweepSnapshotImages(ctx) },
  { name: 'traffic.limits', everySeconds: 10, work: () => sweepTrafficLimits(ctx) },
  { name: 'instances.power', everySeconds: 600, work: () => sweepPower(ctx) },
];
