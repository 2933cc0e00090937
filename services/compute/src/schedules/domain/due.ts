import { Fault, type Tx } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import {
  claimDue,
  deleteOfDeleted,
  deleteSchedule,
  writeRun,
  type Due,
  type ScheduleKind,
} from '../store/schedules.js';
import type { BackupSchedule, PowerSchedule, RunResult } from '../tables.js';
import { runsNow } from './cron.js';

/** Schedules that one round runs; the next round goes on. */
const BATCH = 500;

/** What is done at the times of a kind of schedule. */
export interface ScheduleRunner<R extends PowerSchedule | BackupSchedule> {
  kind: ScheduleKind<R>;
  next: (one: R, after: Date) => Date | null;
  /**
   * Asks for what the schedule is for. What it throws it throws before it writes anything.
   * @returns what was accepted
   * @throws Fault why it is refused
   */
  ask: (ctx: ComputeCtx, tx: Tx, due: Due<R>) => Promise<Pick<RunResult, 'operation' | 'image'>>;
}

/** A refusal writes nothing, so the transaction goes on. */
const outcomeOf = async <R extends PowerSchedule | BackupSchedule>(
  { next, ask }: ScheduleRunner<R>,
  ctx: ComputeCtx,
  tx: Tx,
  due: Due<R>,
  now: Date,
): Promise<RunResult> => {
  const at = new Date(due.nextRunAt);
  const dueAt = at.toISOString();
  if (!runsNow((after) => next(due, after), at, now)) return { status: 'skipped', dueAt };
  try {
    return { status: 'accepted', dueAt, ...(await ask(ctx, tx, due)) };
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
const runNext = <R extends PowerSchedule | BackupSchedule>(
  runner: ScheduleRunner<R>,
  ctx: ComputeCtx,
): Promise<RunResult['status'] | 'gone' | undefined> =>
  ctx.db.transaction(async (tx) => {
    const now = ctx.clock.now();
    const due = await claimDue(tx, runner.kind, now);
    if (!due) return undefined;
    if (due.vmState === 'deleted') {
      await deleteSchedule(tx, runner.kind, due.id);
      return 'gone';
    }
    const result = await outcomeOf(runner, ctx, tx, due, now);
    await writeRun(tx, runner.kind, due.id, { now, result, next: runner.next(due, now) });
    return result.status;
  });
/** Runs what is due, and forgets the schedules of deleted instances. */
export const sweepDue = async <R extends PowerSchedule | BackupSchedule>(
  runner: ScheduleRunner<R>,
  ctx: ComputeCtx,
): Promise<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (let i = 0; i < BATCH; i += 1) {
    const status = await runNext(runner, ctx);
    if (!status) break;
    counts[status] = (counts[status] ?? 0) + 1;
  }
  if (counts.skipped)
    ctx.log.warn(
      { skipped: counts.skipped, kind: runner.kind.name },
      'times of schedules were missed for over an hour and skipped',
    );
  return { ...counts, deleted: await deleteOfDeleted(ctx.db, runner.kind) };
};
