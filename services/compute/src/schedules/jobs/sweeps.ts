import type { ComputeCtx } from '../../ctx.js';
import type { Sweep } from '../../sweep.js';
import { sweepBackups } from '../domain/run-backups.js';
import { sweepSchedules } from '../domain/run-power.js';

/** Starts, stops, reboots and backs up instances when their schedules say so (contract compute §14.1, §14.2). */
export const scheduleSweeps = (ctx: ComputeCtx): Sweep[] => [
  { name: 'schedules.power', everySeconds: 30, work: () => sweepSchedules(ctx) },
  { name: 'schedules.backup', everySeconds: 30, work: () => sweepBackups(ctx) },
];
