import type { ComputeCtx } from '../../ctx.js';
import type { Sweep } from '../../sweep.js';
import { sweepDispatch, sweepOldEvents } from '../domain/dispatch.js';

/** Makes deliveries of events, and throws away what is kept no longer (contract compute §10.1, §10.2). */
export const eventSweeps = (ctx: ComputeCtx): Sweep[] => [
  { name: 'webhooks.dispatch', everySeconds: 1, work: () => sweepDispatch(ctx) },
  { name: 'events.old', everySeconds: 60, work: () => sweepOldEvents(ctx) },
];
