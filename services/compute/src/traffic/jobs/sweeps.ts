import type { ComputeCtx } from '../../ctx.js';
import type { Sweep } from '../../sweep.js';
import { sweepOldTraffic, sweepTraffic } from '../domain/poll.js';

/** Reads what machines have carried (contract compute §9.5). */
export const trafficSweeps = (ctx: ComputeCtx): Sweep[] => [
  { name: 'traffic.read', everySeconds: 10, work: () => sweepTraffic(ctx) },
  { name: 'traffic.old', everySeconds: 3600, work: () => sweepOldTraffic(ctx) },
];
