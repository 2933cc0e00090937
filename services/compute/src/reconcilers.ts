import { startReconciler, type Reconciler } from '@nefos/service-kit';
import { catalogSweeps } from './catalog/jobs/sweeps.js';
import { clientSweeps } from './clients/jobs/sweeps.js';
import type { ComputeCtx } from './ctx.js';
import { eventSweeps } from './events/jobs/sweeps.js';
import { operationSweeps } from './operations/jobs/sweeps.js';
import { scheduleSweeps } from './schedules/jobs/sweeps.js';
import type { Sweep } from './sweep.js';
import { volumeSweeps } from './volumes/jobs/sweeps.js';
import { userSweeps } from './users/jobs/sweeps.js';

/** The sweeps of all areas. */
export const sweeps = (ctx: ComputeCtx): Sweep[] => [
  ...userSweeps(ctx),
  ...catalogSweeps(ctx),
  ...eventSweeps(ctx),
  ...operationSweeps(ctx),
  ...volumeSweeps(ctx),
  ...scheduleSweeps(ctx),
  ...clientSweeps(ctx),
];
export const startReconcilers = (ctx: ComputeCtx): Reconciler[] =>
  sweeps(ctx).map((one) => startReconciler({ ...one, log: ctx.log, metrics: ctx.metrics }));
