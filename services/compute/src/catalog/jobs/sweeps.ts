import type { ComputeCtx } from '../../ctx.js';
import { sweepImageData, sweepImageDeletes } from '../domain/image-cleaning.js';
import { sweepImports } from '../domain/image-import.js';
import { sweepStock } from '../domain/stock.js';
import type { Sweep } from '../../sweep.js';

/**
 * Enqueues jobs of images that got lost, clears away what uploads left whose process died, and keeps hosts and the room
 * that they have (contract compute §8.1, §8.3).
 */
export const catalogSweeps = (ctx: ComputeCtx): Sweep[] => [
  { name: 'images.data', everySeconds: 30, work: () => sweepImageData(ctx) },
  { name: 'images.importing', everySeconds: 60, work: () => sweepImports(ctx) },
  { name: 'images.deleting', everySeconds: 60, work: () => sweepImageDeletes(ctx) },
  { name: 'catalog.stock', everySeconds: 2, work: () => sweepStock(ctx) },
];
