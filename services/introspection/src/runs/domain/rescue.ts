import { enqueue, millis, type Tx } from '@nefos/service-kit';
import type { IntrospectionCtx } from '../../ctx.js';
import { findNode } from '../../nodes/domain/nodes.js';
import type { Run } from '../store/runs.js';
import { hasJob, listStill } from '../store/unfinished.js';
import { isOrdered } from './power.js';
import { ensureContinued, payloadOf, TASKS, type Task } from './tasks.js';
import { finishRun, lockRun } from './transitions.js';

/** So long a run may stay as it is before somebody looks whether its job is lost. */
const STILL_SECONDS = 30;
/** Nobody goes on with a node that discovery was making. */
const ENROLLING_SECONDS = 300;

/** The job that a run waits for: first the one that orders the machine to be switched, then the one after the order. */
const WAITS_FOR: Partial<Record<Run['state'], { first: Task; then?: Task }>> = {
  starting: { first: TASKS.prepare, then: TASKS.powered },
  processing: { first: TASKS.end, then: TASKS.ended },
  aborting: { first: TASKS.abort, then: TASKS.aborted },
  reapplying: { first: TASKS.reapply },
};
/** The order has ended and nobody was told how: the machine's last known state says it. */
const seenOutcome = async (tx: Tx, { nodeUuid, state }: Run): Promise<{ ok: number; error: string }> => {
  const wanted = state === 'starting' ? 'power on' : 'power off';
  const ok = (await findNode(tx, nodeUuid))?.powerState === wanted ? 1 : 0;
  return { ok, error: ok ? '' : `The machine is not in the state '${wanted}'.` };
};
/** The job after an order, as the order would have started it. One that there is knows better how the order ended. */
const ensureTold = async (tx: Tx, task: Task, run: Run, order: string): Promise<void> => {
  const key = `${task}:${order}`;
  if (await hasJob(tx, key)) return;
  await enqueue(tx, task, { ...payloadOf(run), order, ...(await seenOutcome(tx, run)) }, { key });
};
const isOlder = ({ clock }: IntrospectionCtx, { stateAt }: Run, seconds: number): boolean =>
  clock.now().getTime() - millis(stateAt) > seconds * 1000;
const rescue = (ctx: IntrospectionCtx, { nodeUuid, id, stateAt }: Run): Promise<boolean> =>
  ctx.db.transaction(async (tx) => {
    const run = await lockRun(tx, nodeUuid, 'skip');
    if (run?.id !== id || run.stateAt !== stateAt) return false;
    if (run.state === 'enrolling') {
      await finishRun(ctx, tx, run, { state: 'error', error: 'The service was restarted while the node was enrolled' });
      return true;
    }
    const waits = WAITS_FOR[run.state];
    if (!waits) return false;
    const first = run.outOfBand && run.state === 'starting' ? TASKS.outOfBand : waits.first;
    if (run.orderId === null) await ensureContinued(tx, first, run);
    // As long as there is the order, whoever carries it out goes on.
    else if (waits.then && !(await isOrdered(tx, run))) await ensureTold(tx, waits.then, run, run.orderId);
    return true;
  });
/**
 * Finds runs in each state in which somebody should be at work on them, and gives back the jobs that are lost. A run
 * whose machine was ordered to be switched is never ordered again. @returns how many were looked at
 */
export const rescueRuns = async (ctx: IntrospectionCtx): Promise<number> => {
  let seen = 0;
  for (let after: Run | undefined; ;) {
    const portion = await listStill(ctx.db, STILL_SECONDS, after);
    for (const run of portion) {
      if (run.state === 'enrolling' && !isOlder(ctx, run, ENROLLING_SECONDS)) continue;
      if (await rescue(ctx, run)) seen += 1;
    }
    after = portion.at(-1);
    if (!after) return seen;
  }
};
