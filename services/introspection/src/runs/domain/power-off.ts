import { millis, type Tx } from '@nefos/service-kit';
import type { IntrospectionCtx } from '../../ctx.js';
import type { Run } from '../store/runs.js';
import { orderPower } from './power.js';
import { continueRun, type Task } from './tasks.js';
import { notePhase } from './transitions.js';

/** As long somebody else may switch a machine before its run goes on without. */
const PATIENCE_MS = 120_000;
const AGAIN_MS = 1000;
/** Whether a run has waited too long for somebody else's order. */
export const isOutOfPatience = ({ clock }: IntrospectionCtx, { stateAt }: Pick<Run, 'stateAt'>): boolean =>
  clock.now().getTime() - millis(stateAt) > PATIENCE_MS;
/** Looks again a little later. @param task that looks */
export const lookAgain = (tx: Tx, task: Task, run: Run): Promise<void> => continueRun(tx, task, run, AGAIN_MS);

/**
 * Powers the machine of a run off, once. A machine that somebody else switches is waited for, some time.
 * @param looks the task that calls this
 * @param then the task that goes on when it is off, or could not be switched
 * @returns whether the run goes on without
 */
export const powerOff = async (
  ctx: IntrospectionCtx,
  tx: Tx,
  run: Run,
  { looks, then }: { looks: Task; then: Task },
): Promise<boolean> => {
  if (run.orderId !== null) return false;
  if ((await orderPower(ctx, tx, run, { target: 'power off', then })) === 'ordered') return false;
  if (isOutOfPatience(ctx, run)) {
    await notePhase(tx, run.nodeUuid, 'power off failed', 'The machine is being switched by another order.');
    return true;
  }
  await lookAgain(tx, looks, run);
  return false;
};
/** How a power order went, as its job is told. */
export interface Outcome {
  ok: boolean;
  /** Why not; a sentence without secrets. */
  error: string;
}
export const outcomeOf = (payload: Readonly<Record<string, unknown>>): Outcome => ({
  ok: Number(payload.ok) === 1,
  error: typeof payload.error === 'string' && payload.error !== '' ? payload.error : 'The BMC gave no reason.',
});
