import { startReconciler, type Reconciler } from '@nefos/service-kit';
import type { ComputeCtx } from './ctx.js';
import { cloudSweeps } from './operations/jobs/sweeps.js';
import { portalSweeps } from './users/jobs/sweeps.js';
import type { Sweep } from './sweep.js';

export const sweeps = (ctx: ComputeCtx): Sweep[] => [...portalSweeps(ctx), ...cloudSweeps(ctx)];
export const startReconcilers = (ctx: ComputeCtx): Reconciler[] =>
  sweeps(ctx).map((one) => startReconciler({ ...one, log: ctx.log, metrics: ctx.metrics }));
