import { setTimeout as sleep } from 'node:timers/promises';
import { databaseAway } from './fault.js';
import type { Lease } from './job-lease.js';
import { isGivenUp, type RunTask } from './job-run.js';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';

export interface JobContext {
  /** Aborted when the process must stop. */
  signal: AbortSignal;
  attempt: number;
  maxAttempts: number;
  log: Log;
  /**
   * Does `work` unless another job, of any process, does its own under the same key. The signal that it gets is aborted
   * when another may have the key: then it changes nothing more and throws the signal's reason.
   * @returns whether it was done
   */
  alone: (key: string, work: (turn: AbortSignal) => Promise<void>) => Promise<boolean>;
}
/** `alone` where no other process and no second job runs: for tests. */
export const aloneAnyway: JobContext['alone'] = async (_key, work) => {
  await work(new AbortController().signal);
  return true;
};
/** It may run twice for one job, and must then do no harm. Throwing means: try again later, after growing pauses. */
export type JobHandler = (payload: Record<string, string>, job: JobContext) => Promise<void>;

/**
 * How often a handler is repeated within one attempt while the database is away, with pauses of 50 ms to 2 s: after a
 * failed attempt the job would wait for long after the database is back.
 */
const MAX_REPEATS = 12;

/**
 * Waits for `work`, or rejects when `signal` aborts. Both listeners are removed: a race with a promise that never
 * settles would leak.
 */
const orAbort = async (work: Promise<void>, signal: AbortSignal): Promise<void> => {
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
};

/**
 * Makes of the service's handlers what graphile-worker runs: each waits for the lease, and its outcome is counted and
 * logged.
 */
export const makeTasks = (
  handlers: Record<string, JobHandler>,
  { lease, stopping, log, metrics }: { lease: Lease; stopping: AbortSignal; log: Log; metrics?: Metrics | undefined },
): Record<string, RunTask> => {
  const outcome = metrics?.counter('nefos_jobs_total', 'Jobs run, by task and outcome', ['task', 'outcome']);
  const work =
    (task: string, handler: JobHandler): RunTask =>
    async (payload, { id, attempts, max_attempts: maxAttempts }, givenUp) => {
      const attempt = async (repeats: number): Promise<void> => {
        givenUp.throwIfAborted();
        if (lease.missingSince() !== undefined) await orAbort(lease.held(), givenUp);
        try {
          const context = { signal: stopping, attempt: attempts, maxAttempts, log, alone: lease.alone };
          await handler(payload as Record<string, string>, context);
        } catch (err) {
          if (!databaseAway(err) || repeats >= MAX_REPEATS || stopping.aborted) throw err;
          await sleep(Math.min(2000, 50 * 2 ** repeats), undefined, { signal: givenUp });
          return attempt(repeats + 1);
        }
      };
      try {
        await attempt(0);
        outcome?.inc({ task, outcome: 'done' });
      } catch (err) {
        // It is tried again at once, and that the runner is started anew is logged already.
        if (isGivenUp(err, givenUp)) throw err;
        const last = attempts >= maxAttempts;
        outcome?.inc({ task, outcome: last ? 'dead' : 'failed' });
        if (last)
          log.error(
            { err, task, job: id, attempt: attempts, payload },
            'a job is out of attempts and is kept: see `npm run nefos -- jobs list`',
          );
        else log.warn({ err, task, job: id, attempt: attempts }, 'a job failed and will be tried again');
        throw err;
      }
    };
  return Object.fromEntries(Object.entries(handlers).map(([task, handler]) => [task, work(task, handler)]));
};
