import { setTimeout as sleep } from 'node:timers/promises';
import { Fault, LEFT_OUT, perDatabase, together, TURN_MS } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { remakePorts } from '../../networking/domain/remake-ports.js';
import type { ComputeDriver, DriverErrorCode, InstanceView, Ref, SnapshotView } from '../../ports/driver.js';
import { countLast } from '../../traffic/domain/count.js';
import { beginAttempts, ownInstances, type Attempt, type Owned } from '../store/instance-state.js';
import { beginSlices, type OperationWork } from '../store/operation-work.js';
import { findOperation, markCalled, postponeCheck } from '../store/operations.js';
import type { Failure, OperationStatus } from '../tables.js';
import { TRANSITIONS } from '../transitions.js';
import { enqueueRun } from './accept.js';
import { callDriver, imageMadeBy } from './driver-calls.js';
import { driverError, isDriverError } from './driver-errors.js';
import { completeOperation, failOperation } from './end.js';
import { MACHINE_GONE, NOT_ABORTED, NOT_MIGRATED, TIMED_OUT } from './stored-failures.js';

/** A job holds its worker for this long at most; an operation that takes longer continues in a later job. */
const SLICE_MS = 2000;
/** Seconds after the due time of its next job until the sweep checks whether the operation has one. */
export const CHECK_SECONDS = 20;
const MAX_ATTEMPTS = 10;
/** After this time a job looks again when another process has begun an attempt that it did not know of. */
const OTHERS_MS = 1000;
export const UNENDED: readonly OperationStatus[] = ['pending', 'running'];

/** A call for many does not tell what has ended from what is locked: it is asked for alone. */
const leavingOut = <Result>(
  items: readonly unknown[],
  results: readonly Result[],
  found: (result: Result) => boolean,
): (Result | typeof LEFT_OUT)[] => results.map((result) => (items.length === 1 || found(result) ? result : LEFT_OUT));
/**
 * The statements of a slice. Those of operations that run at the same time go together; one whose row is locked, for
 * as long as a client with many instances is suspended, holds up no other.
 */
const statements = perDatabase((db) => ({
  slice: together(async (ids: readonly string[]) =>
    leavingOut(ids, await beginSlices(db, ids, CHECK_SECONDS), (work) => work !== undefined),
  ),
  begin: together(async (attempts: readonly Attempt[]) =>
    leavingOut(attempts, await beginAttempts(db, attempts), (begun) => begun),
  ),
  called: together(async (ids: readonly string[]) => {
    await markCalled(db, ids);
    return ids;
  }),
  owns: together((owned: readonly Owned[]) => ownInstances(db, owned)),
}));

const isOwn = (ctx: ComputeCtx, { instanceId, id }: OperationWork): Promise<boolean> =>
  statements(ctx.db).owns({ instanceId, operationId: id });

/**
 * How a slice ends: the machine is as wanted, the operation continues later, or another operation owns the instance
 * now.
 */
type SliceResult = { done: Seen } | { continueInMs: number } | 'superseded';

/** When a job stops: with its process, or since another job may work on the instance now. */
interface Ends {
  signal: AbortSignal;
  turn: AbortSignal | undefined;
}

/** What is watched: the machine, and the image that a snapshot makes of it; null: there is none. */
interface Seen {
  view: InstanceView | null;
  image: SnapshotView | null;
}
/** @throws DriverError: the machine or the image is broken */
const look = async (driver: ComputeDriver, work: OperationWork, ref: Ref): Promise<Seen> => {
  const view = await driver.get(ref);
  if (view?.fault && view.taskHint === undefined && work.called && work.action !== 'delete')
    throw driverError(view.fault.code as DriverErrorCode, view.fault.message);
  const made = imageMadeBy(work);
  const image = made && view && work.called ? ((await driver.getSnapshot?.(ref, made)) ?? null) : null;
  if (image?.status === 'error') throw driverError('INTERNAL', image.message ?? 'The image could not be made.');
  return { view, image };
};

/**
 * Whether machine and image are as the operation wants them. A reboot ends in the state in which it began, so the
 * driver must have been called.
 */
const isReached = (work: OperationWork, { view, image }: Seen): boolean => {
  const { reaches, mode } = TRANSITIONS[work.action];
  if (!view) return reaches?.length === 0;
  if (!work.called || view.taskHint !== undefined || (reaches && !reaches.includes(view.powerState))) return false;
  if (mode !== undefined && (view.mode ?? null) !== mode) return false;
  return imageMadeBy(work) === undefined || image?.status === 'active';
};
/** Whether the hypervisor does nothing about the operation: it was not called, or it has lost the call. */
const isIdle = ({ view, image }: Seen): boolean => (!view || view.taskHint === undefined) && image?.status !== 'saving';
/**
 * Whether a live migration has been carried out, as the host tells; its driver may have been called by a process that
 * died before it could say so, and a second call would move the machine again.
 */
const hasMigrated = (work: OperationWork, { view }: Seen): boolean =>
  work.action === 'liveMigrate' &&
  view?.taskHint === undefined &&
  view?.host !== undefined &&
  work.hostName !== null &&
  view.host !== work.hostName;

/** Actions after which a machine's counters may begin anew. */
const ENDS_COUNTERS: ReadonlySet<string> = new Set([
  'stop',
  'delete',
  'rebootHard',
  'suspend',
  'shelve',
  'rebuild',
  'rescue',
  'bootIso',
  'unrescue',
  'resize',
  'revertResize',
  'migrate',
  'liveMigrate',
]);
/**
 * Stores the attempt and calls the driver.
 * @returns false when another operation owns the instance now, or another process has begun an attempt
 * @throws DriverError
 */
const attempt = async (
  ctx: ComputeCtx,
  driver: ComputeDriver,
  work: OperationWork,
  ref: Ref,
  turn: AbortSignal | undefined,
): Promise<boolean> => {
  const task = TRANSITIONS[work.action].continues ?? work.taskState;
  work.steps = work.steps.map((one, i, steps) => ({ ...one, status: i < steps.length - 1 ? 'completed' : 'running' }));
  const { instanceId, id: operationId, steps, attempts } = work;
  const { begin, called } = statements(ctx.db);
  if (!(await begin({ instanceId, operationId, taskState: task, steps, attempts }))) return false;
  if (ENDS_COUNTERS.has(work.action)) await countLast(ctx, driver, ref);
  work.attempts += 1;
  turn?.throwIfAborted();
  await callDriver(ctx, driver, work, ref);
  await called(work.id);
  work.called = true;
  return true;
};

/**
 * Asks the driver for the machine until it is as wanted, or the slice is over.
 * @throws DriverError: the action failed at the hypervisor
 */
const watch = async (
  ctx: ComputeCtx,
  driver: ComputeDriver,
  work: OperationWork,
  ref: Ref,
  { until, signal, turn }: { until: number } & Ends,
): Promise<SliceResult> => {
  for (let pause = 5; ; pause = Math.min(pause * 2, 200)) {
    const seen = await look(driver, work, ref);
    turn?.throwIfAborted();
    if (isReached(work, seen) || (!seen.view && work.action !== 'create')) return { done: seen };
    if (signal.aborted) return { continueInMs: 0 };
    if (performance.now() + pause > until) return { continueInMs: Math.min(10_000, Math.max(500, work.ageMs / 4)) };
    // Aborted: the next round returns.
    await sleep(pause, undefined, { signal }).catch(() => undefined);
    if (!(await isOwn(ctx, work))) return 'superseded';
  }
};

/**
 * Calls the driver, unless that was done already, and watches the machine. Every part of it may be repeated after a
 * crash.
 */
const runSlice = async (
  ctx: ComputeCtx,
  driver: ComputeDriver,
  work: OperationWork,
  ref: Ref,
  { signal, turn }: Ends,
): Promise<SliceResult> => {
  const until = performance.now() + SLICE_MS;
  const asked = work.called || (work.attempts > 0 && work.action === 'liveMigrate');
  const seen = asked ? await look(driver, work, ref) : undefined;
  turn?.throwIfAborted();
  if (seen && (isReached(work, seen) || hasMigrated(work, seen))) return { done: seen };
  if (work.action === 'create' && !work.called && areVolumesMade(work)) return { continueInMs: VOLUMES_MS };
  if (await makeMissingPorts(ctx, work)) return { continueInMs: 0 };
  // The driver was not called yet, or the machine rests in another state: the hypervisor has lost the call.
  if (!seen || isIdle(seen)) {
    if (work.called && !seen?.view && work.action !== 'create') return { done: { view: null, image: null } };
    // A hypervisor that takes a call and drops it afterwards would be called until the deadline.
    if (work.called && work.action !== 'delete' && work.attempts >= MAX_ATTEMPTS)
      throw driverError('INTERNAL', 'The hypervisor drops the action.');
    if (!(await attempt(ctx, driver, work, ref, turn)))
      return (await isOwn(ctx, work)) ? { continueInMs: OTHERS_MS } : 'superseded';
  }
  return watch(ctx, driver, work, ref, { until, signal, turn });
};

/**
 * A machine is not built without its interfaces: a process of before ports were there may have accepted it.
 * @returns whether ports were made @throws DriverError
 */
const makeMissingPorts = async (ctx: ComputeCtx, { action, attempts, nics, instanceId }: OperationWork) => {
  if (action !== 'create' || attempts > 0 || nics.length) return false;
  try {
    return await ctx.db.transaction((tx) => remakePorts(ctx, tx, instanceId, { quota: false }));
  } catch (err) {
    if (err instanceof Fault) throw driverError('INVALID_REQUEST', 'A network of the instance gives it no address.');
    throw err;
  }
};
/** The job of the last volume brings the build's own job forward. */
const VOLUMES_MS = 2000;
/** Whether volumes of a new instance are still being made. @throws DriverError: one could not be made */
const areVolumesMade = ({ volumes }: OperationWork): boolean => {
  if (volumes.some(({ status }) => status.startsWith('error')))
    throw driverError('INTERNAL', 'A volume of the instance could not be made.');
  return volumes.some(({ status }) => status === 'creating');
};
/** Enqueues the operation's next job. @param error why it is tried again */
const continueLater = (ctx: ComputeCtx, work: OperationWork, ms: number, error: Failure | null): Promise<void> => {
  // The queue compares it with the database's clock, so it is the real time, not the domain's clock.
  const runAt = new Date(Date.now() + ms);
  return ctx.db.transaction(async (tx) => {
    await postponeCheck(tx, work.id, new Date(runAt.getTime() + CHECK_SECONDS * 1000), error);
    await enqueueRun(tx, { operationId: work.id, instanceId: work.instanceId, action: work.action, runAt });
  });
};

/** Another job of the instance runs: the operation, if it has not ended, gets a job that runs in a moment. */
export const runSoon = async (ctx: ComputeCtx, operationId: string): Promise<void> => {
  const one = await findOperation(ctx.db, operationId);
  if (!one || !UNENDED.includes(one.status)) return;
  const { instanceId, action } = one;
  await ctx.db.transaction((tx) =>
    enqueueRun(tx, { operationId, instanceId, action, runAt: new Date(Date.now() + TURN_MS), waited: true }),
  );
};

/** Retries of contract compute §10: 1, 2, 4 ... 60 s, ten times; a delete without limit, an hour apart at most. */
const backOffMs = (attempts: number, endless: boolean): number =>
  Math.min(endless ? 3_600_000 : 60_000, 1000 * 2 ** Math.min(20, Math.max(0, attempts - 1)));

const giveUp = async (
  ctx: ComputeCtx,
  driver: ComputeDriver,
  work: OperationWork,
  ref: Ref,
  error: Failure,
  turn: AbortSignal | undefined,
): Promise<void> => {
  // A machine that is built in part must not stay. If destroying it fails too, the sweep over all machines destroys it.
  if (work.action === 'create')
    await driver.destroy(ref).catch((err: unknown) => {
      ctx.log.warn({ err, instance: work.instanceId }, 'the machine of a failed build could not be destroyed yet');
    });
  const view = work.action === 'create' ? null : await driver.get(ref).catch(() => undefined);
  turn?.throwIfAborted();
  await failOperation(ctx, work, error, view);
};

/** The last look at an operation whose time is over; undefined: the hypervisor is away. */
const lookLast = (driver: ComputeDriver, work: OperationWork, ref: Ref): Promise<Seen | undefined> =>
  look(driver, work, ref).catch((err: unknown) => {
    if (isDriverError(err) && err.retryable) return undefined;
    throw err;
  });
/** Ends an operation whose machine is as wanted, or gone. */
const endAs = async (ctx: ComputeCtx, work: OperationWork, seen: Seen): Promise<void> => {
  if (!seen.view && work.action !== 'delete') return failOperation(ctx, work, MACHINE_GONE, null);
  const host = seen.view?.host;
  const known = host !== undefined && work.hostName !== null;
  if (work.action === 'liveMigrate' && known && host === work.hostName)
    return failOperation(ctx, work, NOT_MIGRATED, seen.view);
  if (work.action === 'abortMigrate' && known && host !== work.hostName)
    return failOperation(ctx, work, NOT_ABORTED, seen.view);
  return completeOperation(ctx, work, seen.view, seen.image);
};

/**
 * Carries an operation on for one slice, from where it stands. Nothing happens when it has ended, was superseded or
 * does not exist.
 * @param turn aborted when another job may work on the instance: nothing is called or written any more
 */
export const runOperation = async (
  ctx: ComputeCtx,
  operationId: string,
  signal: AbortSignal,
  turn?: AbortSignal,
): Promise<void> => {
  const work = await statements(ctx.db).slice(operationId);
  if (!work) return;
  const driver = ctx.drivers.of(work.region);
  const ref: Ref = { portalId: work.instanceId, backendId: work.backendId };
  const endless = work.action === 'delete';
  try {
    if (work.overdue && !endless) {
      // It may have been reached since the last look.
      const seen = work.called && work.action !== 'create' ? await lookLast(driver, work, ref) : undefined;
      turn?.throwIfAborted();
      if (seen?.view && isReached(work, seen)) return await endAs(ctx, work, seen);
      return await giveUp(ctx, driver, work, ref, TIMED_OUT, turn);
    }
    const result = await runSlice(ctx, driver, work, ref, { signal, turn });
    if (result === 'superseded') return;
    if ('continueInMs' in result) return await continueLater(ctx, work, result.continueInMs, null);
    await endAs(ctx, work, result.done);
  } catch (err) {
    if (!isDriverError(err)) throw err;
    turn?.throwIfAborted();
    const error = { code: err.code.toLowerCase(), message: err.message.slice(0, 1000) };
    ctx.log.warn(
      { err, operation: work.id, instance: work.instanceId, attempts: work.attempts, request_id: work.requestId },
      'the driver failed',
    );
    if (endless || (err.retryable && work.attempts < MAX_ATTEMPTS))
      await continueLater(
        ctx,
        work,
        Math.max(backOffMs(work.attempts, endless), Math.min(60_000, work.ageMs / 4), err.retryAfterMs ?? 0),
        error,
      );
    else await giveUp(ctx, driver, work, ref, error, turn);
  }
};
