import { startReconciler, type Reconciler } from '@nefos/service-kit';
import { catalogSweeps } from './catalog/jobs/sweeps.js';
import { clientSweeps } from './clients/jobs/sweeps.js';
import { consoleSweeps } from './consoles/jobs/sweeps.js';
import type { ComputeCtx } from './ctx.js';
import { eventSweeps } from './events/jobs/sweeps.js';
import { networkingSweeps } from './networking/jobs/sweeps.js';
import { operationSweeps } from './operations/jobs/sweeps.js';
import { scheduleSweeps } from './schedules/jobs/sweeps.js';
import { ownerSweeps } from './owners/jobs/sweeps.js';
import type { Sweep } from './sweep.js';
import { trafficSweeps } from './traffic/jobs/sweeps.js';
import { volumeSweeps } from './volumes/jobs/sweeps.js';
import { userSweeps } from './users/jobs/sweeps.js';

/** The sweeps of all areas. */
export const sweeps = (ctx: ComputeCtx): Sweep[] => [
  ...ownerSweeps(ctx),
  ...userSweeps(ctx),
  ...catalogSweeps(ctx),
  ...eventSweeps(ctx),
  ...trafficSweeps(ctx),
  ...networkingSweeps(ctx),
  ...operationSweeps(ctx),
  ...volumeSweeps(ctx),
  ...consoleSweeps(ctx),
  ...scheduleSweeps(ctx),
  ...clientSweeps(ctx),
];
export const startReconcilers = (ctx: ComputeCtx): Reconciler[] =>
  sweeps(ctx).map((one) => startReconciler({ ...one, log: ctx.log, metrics: ctx.metrics }));
