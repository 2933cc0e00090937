import type { IntrospectionCtx } from '../../ctx.js';
import { reconcilePower } from '../domain/power-job.js';
import { deleteOldTurns } from '../domain/turns.js';

export const bmcSweeps = [
  { name: 'bmc.power_orders', everySeconds: 15, work: (ctx: IntrospectionCtx) => reconcilePower(ctx) },
  { name: 'bmc.turns', everySeconds: 600, work: (ctx: IntrospectionCtx) => deleteOldTurns(ctx.db) },
];
