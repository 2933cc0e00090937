import type { ComputeCtx } from '../../ctx.js';
import { sweepImageData, sweepImageDeletes } from '../domain/image-cleaning.js';
import { sweepImports } from '../domain/image-import.js';
import type { Sweep } from '../../sweep.js';

/** Enqueues jobs of images that got lost, and clears away what uploads left whose process died. */
export const catalogSweeps = (ctx: ComputeCtx): Sweep[] => [
  { name: 'images.data', everySeconds: 30, work: () => sweepImageData(ctx) },
  { name: 'images.importing', everySeconds: 60, work: () => sweepImports(ctx) },
  { name: 'images.deleting', everySeconds: 60, work: () => sweepImageDeletes(ctx) },
];
