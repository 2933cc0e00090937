import type { ComputeCtx } from '../../ctx.js';
import type { Sweep } from '../../sweep.js';
import { sweepDeleting } from '../domain/lifecycle.js';

/** Finds clients that are being deleted and have lost their job. */
export const clientSweeps = (ctx: ComputeCtx): Sweep[] => [
  { name: 'clients.deleting', everySeconds: 30, work: () => sweepDeleting(ctx) },
];
