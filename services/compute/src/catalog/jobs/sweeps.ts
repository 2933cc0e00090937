import type { ComputeCtx } from '../../ctx.js';
import type { Sweep } from '../../sweep.js';
import { sweepStock } from '../domain/stock.js';

/** Keeps hosts and the room that they have (contract compute §8.1, §8.3). */
export const catalogSweeps = (ctx: ComputeCtx): Sweep[] => [
  { name: 'catalog.stock', everySeconds: 2, work: () => sweepStock(ctx) },
];
