import { startReconciler, type Reconciler } from '@nefos/service-kit';
import type { ComputeCtx } from '../ctx.js';
import { cloudSweeps } from './cloud.js';
import { portalSweeps } from './portal.js';

/** One look at the tables; runs alone, on a timer and on a nudge. */
export interface Sweep { name: string; everySeconds: number; work: () => Promise<unknown> }
export const sweeps = (ctx: ComputeCtx): Sweep[] => [...portalSweeps(ctx), ...cloudSweeps(ctx)];
export const startReconcilers = (ctx: ComputeCtx): Reconciler[] => sweeps(ctx).map((one) => startReconciler({ ...one, log: ctx.log, metrics: ctx.metrics }));
