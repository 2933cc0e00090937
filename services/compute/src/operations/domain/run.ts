import type { ComputeCtx } from '../../ctx.js';
import type { ComputeDriver, DriverError, InstanceView, Ref } from '../../ports/driver.js';
import { continueTask, ownsInstance } from '../store/instance-state.js';
import { countAttempt, markCalled, postpone, takeUp, writeSteps, type Work } from '../store/operations.js';
import { enqueueRun } from './accept.js';
import { TRANSITIONS } from '../instance-states.js';
import { completeOperation, failOperation } from './end.js';

/** A worker's slot is held this long at most; what takes longer comes back. */
const SLICE_MS = 2000;
/** A living operation without a look for so long after its next turn is stuck. */
const CHECK_SECONDS = 20;
const MAX_ATTEMPTS = 10;

type Outcome = { done: InstanceView | null } | { again: number } | 'superseded';
const isDriverError = (err: unknown): err is DriverError => err instanceof Error && err.name === 'DriverError';
const sleep = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });

/** Whether the hypervisor reports what the operation wants. A reboot ends as it began, so it must have been ordered first. */
const reached = ({ action, called }: Work, view: InstanceView | null): boolean => {
  const { reaches } = TRANSITIONS[action];
  if (!view) return reaches.length === 0;
  return called && view.taskHint === undefined && reaches.includes(view.powerState);
};

const order = async (ctx: ComputeCtx, driver: ComputeDriver, work: Work, ref: Ref): Promise<void> => {
  const graceSeconds = ctx.config.NEFOS_COMPUTE_SHUTDOWN_SECONDS;
  switch (work.action) {
    case 'create':
      await driver.create({
        portalId: work.instance_id,
        name: work.name,
        tags: work.tags,
        region: work.region,
        projectId: work.project_id,
        imageId: work.image_id,
        nics: work.nics,
        flavor: {
          vcpus: work.vcpus,
          memoryMb: work.memory_mb,
          rootGb: work.root_gb,
          ephemeralGb: work.ephemeral_gb,
          swapMb: work.swap_mb,
        },
      });
      return;
    case 'delete':
      return driver.destroy(ref);
    case 'stop':
      return driver.stop(ref, { graceSeconds });
    case 'start':
      return driver.start(ref);
    case 'rebootSoft':
      return driver.reboot(ref, { type: 'SOFT', graceSeconds });
    case 'rebootHard':
      return driver.reboot(ref, { type: 'HARD', graceSeconds });
    case 'pause':
      return driver.pause(ref);
    case 'unpause':
      return driver.unpause(ref);
    case 'suspend':
      return driver.suspend(ref);
    case 'resume':
      return driver.resume(ref);
  }
};

/** Orders, then watches for one slice. Every part may run again: the order is idempotent, and what was ordered is asked about first. */
const drive = async (
  ctx: ComputeCtx,
  driver: ComputeDriver,
  work: Work,
  ref: Ref,
  signal: AbortSignal,
): Promise<Outcome> => {
  const until = performance.now() + SLICE_MS;
  const { continues } = TRANSITIONS[work.action];
  let view = work.called ? await driver.get(ref) : undefined;
  if (view !== undefined && reached(work, view)) return { done: view };
  // Not ordered yet, or the hypervisor rests in another state: what it was told is lost.
  if (view === undefined || !view || view.taskHint === undefined) {
    if (work.called && !view && work.action !== 'create') return { done: null };
    work.steps = work.steps.map((one, i, steps) => ({
      ...one,
      status: i < steps.length - 1 ? 'completed' : 'running',
    }));
    if (!(await continueTask(ctx.db, work.instance_id, work.id, continues ?? work.task_state))) return 'superseded';
    await writeSteps(ctx.db, work.id, work.steps);
    await countAttempt(ctx.db, work.id);
    work.attempts += 1;
    await order(ctx, driver, work, ref);
    await markCalled(ctx.db, work.id);
    work.called = true;
  }
  for (let pause = 5; ; pause = Math.min(pause * 2, 200)) {
    view = await driver.get(ref);
    if (view?.fault)
      throw Object.assign(new Error(view.fault.message), {
        name: 'DriverError',
        code: view.fault.code,
        retryable: false,
      });
    if (reached(work, view) || (!view && work.action !== 'create')) return { done: view };
    if (signal.aborted) return { again: 0 };
    if (performance.now() + pause > until) return { again: Math.min(10_000, Math.max(500, work.age_ms / 4)) };
    await sleep(pause, signal);
    if (!(await ownsInstance(ctx.db, work.instance_id, work.id))) return 'superseded';
  }
};

const comeBack = (
  ctx: ComputeCtx,
  work: Work,
  ms: number,
  error: { code: string; message: string } | null,
): Promise<void> => {
  // The queue's time, not the domain's: a moment of the real clock.
  const runAt = new Date(Date.now() + ms);
  return ctx.db.transaction(async (tx) => {
    await postpone(tx, work.id, new Date(runAt.getTime() + CHECK_SECONDS * 1000), error);
    await enqueueRun(tx, { operationId: work.id, instanceId: work.instance_id, action: work.action, runAt });
  });
};

/** Retries of contract compute §10: 1, 2, 4 ... 60 s, ten times; a delete without limit, an hour apart at most. */
const backOff = (attempts: number, endless: boolean): number =>
  Math.min(endless ? 3_600_000 : 60_000, 1000 * 2 ** Math.min(20, Math.max(0, attempts - 1)));

const giveUp = async (
  ctx: ComputeCtx,
  driver: ComputeDriver,
  work: Work,
  ref: Ref,
  error: { code: string; message: string },
): Promise<void> => {
  // What was half built must not run on unseen. Should this fail too, the sweep over the machines finds it.
  if (work.action === 'create')
    await driver.destroy(ref).catch((err: unknown) => {
      ctx.log.warn({ err, instance: work.instance_id }, 'a failed build could not be cleared away yet');
    });
  await failOperation(ctx, work, error, work.action === 'create' ? null : await driver.get(ref).catch(() => undefined));
};

/** Carries an operation on, from wherever it was left, for one slice. Done, superseded or unknown: nothing happens. */
export const runOperation = async (ctx: ComputeCtx, operationId: string, signal: AbortSignal): Promise<void> => {
  const work = await takeUp(ctx.db, operationId, CHECK_SECONDS);
  if (!work) return;
  const driver = ctx.drivers.of(work.region);
  const ref: Ref = { portalId: work.instance_id, backendId: work.backend_id };
  const endless = work.action === 'delete';
  if (work.overdue && !endless)
    return giveUp(ctx, driver, work, ref, { code: 'timeout', message: 'The operation did not end in time.' });
  try {
    const outcome = await drive(ctx, driver, work, ref, signal);
    if (outcome === 'superseded') return;
    if ('again' in outcome) return await comeBack(ctx, work, outcome.again, null);
    if (!outcome.done && !endless)
      return await failOperation(ctx, work, { code: 'not_found', message: 'The machine is gone from its host.' }, null);
    await completeOperation(ctx, work, outcome.done);
  } catch (err) {
    if (!isDriverError(err)) throw err;
    const error = { code: err.code.toLowerCase(), message: err.message.slice(0, 1000) };
    ctx.log.warn(
      { err, operation: work.id, instance: work.instance_id, attempts: work.attempts, request_id: work.request_id },
      'the driver refused',
    );
    if (endless || (err.retryable && work.attempts < MAX_ATTEMPTS))
      await comeBack(ctx, work, backOff(work.attempts, endless), error);
    else await giveUp(ctx, driver, work, ref, error);
  }
};
