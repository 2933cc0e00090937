import { Fault, type Tx } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { acceptAction } from '../../operations/domain/accept.js';
import { demandSupported } from '../../operations/domain/faults.js';
import { refuseHeld } from '../../operations/domain/holds.js';
import { TRANSITIONS, type JobAction } from '../../operations/transitions.js';
import {
  claimDue,
  deleteOfDeleted,
  deleteSchedule,
  writeRun,
  type DueSchedule,
  type RunResult,
  type ScheduledAction,
} from '../store/power-schedules.js';
import { nextTime, runsNow } from './cron.js';

/** Schedules that one round runs; the next round goes on. */
const BATCH = 500;
const ACTION: Record<ScheduledAction, JobAction> = { start: 'start', stop: 'stop', reboot: 'rebootSoft' };

/**
 * Asks for the action as the portal itself does, but a lock of the instance stops it: it is its user's wish.
 * @returns id of the operation
 * @throws Fault forbidden/client.suspended, conflict/action.unsupported, and those of `acceptAction`
 */
const ask = async (
  ctx: ComputeCtx,
  tx: Tx,
  { instanceId, clientId, regionId, action }: DueSchedule,
): Promise<string> => {
  demandSupported(ctx, regionId, action);
  await refuseHeld(tx, { clientId, instanceId }, { staff: false, wakes: TRANSITIONS[ACTION[action]].wakes });
  return acceptAction(tx, { instanceId, action: ACTION[action], by: null, requestId: null, bypassLock: false });
};
/** A refusal writes nothing, so the transaction goes on. */
const outcomeOf = async (ctx: ComputeCtx, tx: Tx, due: DueSchedule, now: Date): Promise<RunResult> => {
  const dueAt = new Date(due.nextRunAt).toISOString();
  if (!runsNow(due, new Date(due.nextRunAt), now)) return { status: 'skipped', dueAt };
  try {
    return { status: 'accepted', dueAt, operation: await ask(ctx, tx, due) };
  } catch (err) {
    if (!(err instanceof Fault)) throw err;
    const { code, params } = err;
    return { status: 'refused', dueAt, code, values: { ...params } };
  }
};
/**
 * Runs the schedule that is due for longest. The operation and the next time are one transaction: each time counts
 * once, however many workers there are and whenever they die.
 */
const runNext = (ctx: ComputeCtx): Promise<RunResult['status'] | 'gone' | undefined> =>
  ctx.db.transaction(async (tx) => {
    const now = ctx.clock.now();
    const due = await claimDue(tx, now);
    if (!due) return undefined;
    if (due.vmState === 'deleted') {
      await deleteSchedule(tx, due.id);
      return 'gone';
    }
    const result = await outcomeOf(ctx, tx, due, now);
    await writeRun(tx, due.id, { now, result, next: nextTime(due.cron, due.timezone, now) });
    return result.status;
  });
/** Runs what is due, and forgets the schedules of deleted instances. */
export const sweepSchedules = async (ctx: ComputeCtx): Promise<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (let i = 0; i < BATCH; i += 1) {
    const status = await runNext(ctx);
    if (!status) break;
    counts[status] = (counts[status] ?? 0) + 1;
  }
  if (counts.skipped)
    ctx.log.warn({ skipped: counts.skipped }, 'times of power schedules were missed for over an hour and skipped');
  return { ...counts, deleted: await deleteOfDeleted(ctx.db) };
};
