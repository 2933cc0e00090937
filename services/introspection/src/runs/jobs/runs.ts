import type { JobHandler } from '@nefos/service-kit';
import type { IntrospectionCtx } from '../../ctx.js';
import { endAbort, goOnAborting } from '../domain/abort.js';
import { endBoot, prepareRun } from '../domain/boot.js';
import { endPoweredOff, endProcessing } from '../domain/end.js';
import { outcomeOf, type Outcome } from '../domain/power-off.js';
import { startScheduled, type StartOutOfBand } from '../domain/schedules.js';
import { TASKS } from '../domain/tasks.js';

type Step = (ctx: IntrospectionCtx, node: string, run: string) => Promise<void>;
type End = (ctx: IntrospectionCtx, node: string, run: string, outcome: Outcome) => Promise<void>;
/**
 * Each does one step of a run, and nothing when the run has moved on.
 * @param startOutOfBand a later area's
 */
export const runJobs = (ctx: IntrospectionCtx, startOutOfBand: StartOutOfBand): Record<string, JobHandler> => {
  const step =
    (work: Step): JobHandler =>
    ({ node = '', run = '' }) =>
      work(ctx, node, run);
  const end =
    (work: End): JobHandler =>
    ({ node = '', run = '', ...outcome }) =>
      work(ctx, node, run, outcomeOf(outcome));
  return {
    [TASKS.prepare]: step(prepareRun),
    [TASKS.powered]: end(endBoot),
    [TASKS.end]: step(endProcessing),
    [TASKS.ended]: end(endPoweredOff),
    [TASKS.abort]: step(goOnAborting),
    [TASKS.aborted]: end(endAbort),
    [TASKS.scheduled]: ({ node = '', next = '' }) => startScheduled(ctx, { node, next }, startOutOfBand),
  };
};
