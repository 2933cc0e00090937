import type { ComputeCtx } from '../../ctx.js';
import type { Sweep } from '../../sweep.js';
import { sweepProjects } from '../domain/project-sync.js';
import { sweepDueUsage } from '../domain/usage.js';

/** Tells metering of what was in use before it was metered, and identity of projects whose jobs got lost. */
export const ownerSweeps = (ctx: ComputeCtx): Sweep[] => [
  { name: 'usage.due', everySeconds: 60, work: () => sweepDueUsage(ctx.db) },
  { name: 'projects.untold', everySeconds: 30, work: () => sweepProjects(ctx) },
];
