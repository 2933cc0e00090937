import type { ComputeCtx } from '../../ctx.js';
import type { Sweep } from '../../sweep.js';
import { sweepSchedules } from '../domain/run-schedules.js';

/** Starts, stops and reboots instances when their schedules say so (contract compute §14.1). */
export const scheduleSweeps = (ctx: ComputeCtx): Sweep[] => [
  { name: 'schedules.power', everySeconds: 30, work: () => sweepSchedules(ctx) },
];
