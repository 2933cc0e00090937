import type { ComputeCtx } from '../../ctx.js';
import { sweepPower } from '../domain/power.js';
import { sweepStuck } from '../domain/stuck.js';
import type { Sweep } from '../../sweep.js';

/** Keeps instances as their rows say, and rows as their machines are (contract compute §7.3, §10). */
export const operationSweeps = (ctx: ComputeCtx): Sweep[] => [
  { name: 'instances.stuck', everySeconds: 5, work: () => sweepStuck(ctx) },
  { name: 'instances.power', everySeconds: 600, work: () => sweepPower(ctx) },
];
