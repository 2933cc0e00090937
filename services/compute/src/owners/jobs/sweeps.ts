import type { ComputeCtx } from '../../ctx.js';
import type { Sweep } from '../../sweep.js';
import { sweepDueUsage } from '../domain/usage.js';

/** Tells metering of what was in use before it was metered. */
export const ownerSweeps = (ctx: ComputeCtx): Sweep[] => [
  { name: 'usage.due', everySeconds: 60, work: () => sweepDueUsage(ctx.db) },
];
