import { setTimeout as sleep } from 'node:timers/promises';
import type { ComputeCtx } from '../../ctx.js';
import { driverError, isDriverError } from '../../operations/domain/driver-errors.js';
import { attemptOther, beginOther, calledOther, continueOther, MAX_ATTEMPTS } from '../../operations/domain/others.js';
import { MACHINE_GONE, TIMED_OUT } from '../../operations/domain/stored-failures.js';
import type { Failure } from '../../operations/tables.js';
import type { ComputeDriver, DriverErrorCode } from '../../ports/driver.js';
import { findBackup } from '../store/backups.js';
import { TRANSITIONS } from '../volume-states.js';
import { jobOf } from './accept.js';
import { callStorage, lookAt, undoStorage, type Seen } from './calls.js';
import { completeStorage, failStorage } from './end.js';
import { loadWork, refOf, type StorageWork } from './work.js';

/** A job holds its worker for this long at most. */
const SLICE_MS = 2000;
/** 1, 2, 4 ... 60 s; a delete an hour at most (contract compute §10). */
const backOffMs = (attempts: number, endless: boolean): number =>
  Math.min(endless ? 3_600_000 : 60_000, 1000 * 2 ** Math.min(20, Math.max(0, attempts - 1)));
const timedOut = (): Error => driverError(TIMED_OUT.code.toUpperCase() as DriverErrorCode, TIMED_OUT.message);

const continueLater = (ctx: ComputeCtx, work: StorageWork, ms: number, error: Failure | null): Promise<void> =>
  ctx.db.transaction((tx) =>
    continueOther(tx, work, {
      job: jobOf(work.action, { volume: work.params.volume, instance: work.instanceId }),
      ms,
      error,
    }),
  );
/** When this job stops: with its process, or since another job may have its turn now. */
interface Ends {
  signal: AbortSignal;
  turn: AbortSignal | undefined;
}
/** @returns false: another process has begun an attempt. @throws DriverError */
const attempt = async (
  ctx: ComputeCtx,
  driver: ComputeDriver,
  work: StorageWork,
  turn: AbortSignal | undefined,
): Promise<boolean> => {
  if (!(await attemptOther(ctx.db, work))) return false;
  turn?.throwIfAborted();
  await callStorage(ctx, driver, work, async (id) => {
    const parent = await findBackup(ctx.db, id);
    return parent ? refOf(parent) : null;
  });
  await calledOther(ctx.db, work);
  return true;
};
/** After this time a job looks again when another process has begun an attempt that it did not know of. */
const OTHERS_MS = 1000;
/**
 * Calls the driver, unless that was done already, and watches until it is done or the slice is over.
 * @throws DriverError
 */
const runSlice = async (
  ctx: ComputeCtx,
  driver: ComputeDriver,
  work: StorageWork,
  { signal, turn }: Ends,
): Promise<{ done: Seen } | { continueInMs: number }> => {
  const until = performance.now() + SLICE_MS;
  let asked = false;
  for (let pause = 5; ; pause = Math.min(pause * 2, 200)) {
    const seen: Seen = work.called ? await lookAt(driver, work) : { state: 'idle' };
    turn?.throwIfAborted();
    if (seen.state === 'done') return { done: seen };
    if (seen.state === 'idle') {
      const { endless } = TRANSITIONS[work.action];
      if (asked) return { continueInMs: backOffMs(work.attempts, endless) };
      // A hypervisor that takes a call and drops it afterwards would be called for ever.
      if (work.called && !endless && work.attempts >= MAX_ATTEMPTS)
        throw driverError('INTERNAL', 'The hypervisor drops the action.');
      if (!(await attempt(ctx, driver, work, turn))) return { continueInMs: OTHERS_MS };
      asked = true;
      continue;
    }
    if (signal.aborted) return { continueInMs: 0 };
    if (performance.now() + pause > until) return { continueInMs: Math.min(10_000, Math.max(500, work.ageMs / 4)) };
    // Aborted: the next round returns.
    await sleep(pause, undefined, { signal }).catch(() => undefined);
  }
};
/** What an attachment has come to is known before it ends as a failure. @throws DriverError: not known yet */
const endFailed = async (
  ctx: ComputeCtx,
  driver: ComputeDriver,
  work: StorageWork,
  error: Failure,
  turn: AbortSignal | undefined,
): Promise<void> => {
  const attaches = work.action === 'volume.attach' || work.action === 'volume.detach';
  if (attaches && work.attempts > 0) {
    const seen = await lookAt(driver, work).catch((err: unknown): Seen => {
      if (isDriverError(err) && err.code === 'NOT_FOUND') return { state: 'idle' };
      throw err;
    });
    turn?.throwIfAborted();
    if (seen.state === 'done' && (await completeStorage(ctx, work, seen))) return;
    await undoStorage(driver, work);
  }
  turn?.throwIfAborted();
  await failStorage(ctx, work, error);
};
const UNKNOWN_MS = 30_000;

/**
 * Carries an operation on a volume, a snapshot or a backup on for one slice, from where it stands. Nothing happens when
 * it has ended or does not exist.
 * @param turn aborted when another job may have the turn: nothing is called or written any more
 */
export const runStorage = async (
  ctx: ComputeCtx,
  operationId: string,
  signal: AbortSignal,
  turn?: AbortSignal,
): Promise<void> => {
  const begun = await beginOther(ctx.db, operationId);
  if (!begun) return;
  const work = await loadWork(ctx, begun);
  const driver = ctx.drivers.of(work.region);
  const { endless } = TRANSITIONS[work.action];
  try {
    if (work.overdue && !endless) {
      // It may have been reached since the last look.
      const seen = work.called ? await lookAt(driver, work) : undefined;
      turn?.throwIfAborted();
      if (seen?.state !== 'done') throw timedOut();
      if (await completeStorage(ctx, work, seen)) return;
    }
    const result = await runSlice(ctx, driver, work, { signal, turn });
    if ('continueInMs' in result) return await continueLater(ctx, work, result.continueInMs, null);
    if (await completeStorage(ctx, work, result.done)) return;
    throw driverError('NOT_FOUND', MACHINE_GONE.message);
  } catch (err) {
    if (!isDriverError(err)) throw err;
    turn?.throwIfAborted();
    const error = { code: err.code.toLowerCase(), message: err.message.slice(0, 1000) };
    ctx.log.warn(
      { err, operation: work.id, volume: work.params.volume, attempts: work.attempts, request_id: work.requestId },
      'the driver failed',
    );
    if (err.retryable && (endless || (!work.overdue && work.attempts < MAX_ATTEMPTS)))
      return continueLater(ctx, work, Math.max(backOffMs(work.attempts, endless), err.retryAfterMs ?? 0), error);
    await endFailed(ctx, driver, work, error, turn).catch((again: unknown) => {
      if (!isDriverError(again)) throw again;
      return continueLater(ctx, work, UNKNOWN_MS, error);
    });
  }
};
