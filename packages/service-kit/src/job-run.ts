import { EventEmitter, setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger, run as runLibrary, type Task } from 'graphile-worker';
import pg from 'pg';
import { markDatabaseError } from './fault.js';
import type { Lease } from './job-lease.js';
import { giveBackJobs } from './job-queue-rows.js';
import { watchJobs, type KnownJobs } from './known-jobs.js';
import type { Log } from './log.js';
import { session } from './session.js';

/** How long handlers of an abandoned run may go on. */
const HANDLER_GRACE_MS = 5000;
/** How long their results may take to be stored after that. */
const RESULT_GRACE_MS = 1500;

/** A worker pool of graphile-worker, from its start to its end. */
export interface Run {
  id: string;
  /** Jobs whose handlers run now. */
  busy(): number;
  /** When it last took a job, or began; in milliseconds since 1970. */
  lastTakenAt(): number;
  /** Whether it has taken any job. */
  taken(): boolean;
  /** Whether a job that is locked by it is really its own. */
  has: KnownJobs['has'];
  /** Ends in order: running jobs end first, within a time limit. */
  stop(): Promise<void>;
  /**
   * Gives the run up: it takes no more jobs; its own are free when their handlers have ended, or after a time limit.
   */
  retire(): Promise<void>;
}
/** Whether a job ended because its run was given up while it waited: for the lease, or for the database. */
export const isGivenUp = (err: unknown, givenUp: AbortSignal): boolean =>
  givenUp.aborted && (err === givenUp.reason || (err as Error | undefined)?.cause === givenUp.reason);
/** Runs one job. `givenUp` aborts when the run is given up. */
export type RunTask = (
  payload: unknown,
  job: { attempts: number; max_attempts: number; id: string },
  givenUp: AbortSignal,
) => Promise<void>;
export interface RunOptions {
  url: string;
  tasks: Record<string, RunTask>;
  concurrency: number;
  lease: Lease;
  log: Log;
  /** The run can not go on and must be replaced. Called once. */
  broken: (reason: string, err?: unknown) => void;
  /** The queue has answered its first question for a job. Called once. */
  works: () => void;
}

/** graphile-worker may release a broken connection twice; a plain pool then throws where nobody catches. */
class RunPool extends pg.Pool {
  override connect(): Promise<pg.PoolClient>;
  override connect(
    callback: (err: Error | undefined, client: pg.PoolClient | undefined, done: (release?: boolean) => void) => void,
  ): void;
  override connect(
    callback?: (err: Error | undefined, client: pg.PoolClient | undefined, done: (release?: boolean) => void) => void,
  ): Promise<pg.PoolClient> | undefined {
    if (!callback) return super.connect();
    // A pool that has ended gives the error alone, without the function that graphile-worker calls all the same.
    super.connect((err, client, done?: (release?: boolean) => void) => {
      let returned = false;
      callback(err, client, (release) => {
        if (returned) return;
        returned = true;
        done?.(release);
      });
    });
    return undefined;
  }
}

/**
 * Starts a worker pool of graphile-worker on connections of its own, so that requests that use up the service's pool
 * do not delay the jobs.
 *
 * graphile-worker (0.17.3 and 0.18.0) stops without a sign in two cases. Both are detected here by its events and end
 * the run:
 * - The outcome of a job can not be stored. graphile-worker then shuts its pool down; with two such failures at once
 *   its promise never settles.
 * - The very first question for a job fails. graphile-worker keeps the failed list of task ids for ever and gets no job
 *   any more.
 */
export const startRun = async ({ url, tasks, concurrency, lease, log, broken, works }: RunOptions): Promise<Run> => {
  // The queue is mostly empty, and PostgreSQL plans for that: of a thousand jobs each question would then read all.
  const { url: address, options } = session(url, '-c idle_in_transaction_session_timeout=60000 -c enable_seqscan=off');
  const pool = new RunPool({
    connectionString: address,
    application_name: 'nefos-job-runner',
    // One connection listens, the others take and complete jobs.
    max: Math.min(concurrency, 5) + 1,
    keepAlive: true,
    connectionTimeoutMillis: 5000,
    query_timeout: 10_000,
    options,
  });
  // The statement in progress fails with the same error; without listeners the event would end the process.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  const events = new EventEmitter();
  const known = watchJobs(events);
  const running = new Set<Promise<void>>();
  let id = '';
  let over = false;
  let queueAnswered = false;
  let lastTakenAt = Date.now();
  let taken = false;
  const givenUp = new AbortController();
  /** Jobs that ended because the run was given up. */
  const givenBack: string[] = [];
  setMaxListeners(0, givenUp.signal); // each waiting job adds one
  const end = (reason: string, err?: unknown): void => {
    if (over) return;
    over = true;
    broken(reason, err);
  };
  const answered = (): void => {
    if (queueAnswered) return;
    queueAnswered = true;
    works();
  };
  events.on('pool:create', ({ workerPool }: { workerPool: { id: string } }) => {
    id = workerPool.id;
    lease.hold(id);
  });
  events.on('worker:getJob:empty', answered);
  events.on('job:start', () => {
    lastTakenAt = Date.now();
    taken = true;
    answered();
  });
  events.on('worker:getJob:error', ({ error }: { error: Error }) => {
    if (!queueAnswered) end('the queue could not be read', error);
    // graphile-worker gives the connection back to the pool with the statement still running: only new connections
    // help.
    else if (error.message === 'Query read timeout') end('the database does not answer', error);
  });
  events.on('pool:fatalError', ({ error }: { error: unknown }) =>
    end('the end of a job could not be written down', error),
  );
  events.on('pool:gracefulShutdown', ({ message }: { message?: string }) =>
    end('the library ended it', new Error(message)),
  );
  const taskList = Object.fromEntries(
    Object.entries(tasks).map(([name, work]): [string, Task] => [
      name,
      (payload, { job }) => {
        const done = work(payload, job, givenUp.signal);
        running.add(done);
        const remove = (): void => void running.delete(done);
        done.then(remove, (err: unknown) => {
          remove();
          if (isGivenUp(err, givenUp.signal)) givenBack.push(job.id);
        });
        return done;
      },
    ]),
  );
  // What matters of graphile-worker's lines is logged here, once.
  const logger = new Logger(() => (level, message) => log.debug({ library: level }, message));
  const close = async (): Promise<void> => {
    lease.drop(id);
    await Promise.race([pool.end().catch(() => undefined), sleep(1000, undefined, { ref: false })]);
  };
  // Only with a delay, even of 0, does graphile-worker report that an outcome could not be stored; otherwise the job
  // stays locked.
  const preset = { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } };
  const runner = await runLibrary({
    pgPool: pool,
    events,
    noHandleSignals: true,
    concurrency,
    pollInterval: 1000,
    taskList,
    logger,
    preset,
  }).catch(async (err: unknown) => {
    over = true;
    await close();
    throw markDatabaseError(err);
  });
  const ended = runner.promise.catch(() => undefined).then(() => end('the library ended it'));
  return {
    id,
    busy: () => running.size,
    lastTakenAt: () => lastTakenAt,
    taken: () => taken,
    has: known.has,
    stop: async () => {
      over = true;
      await Promise.race([runner.stop().catch(() => undefined), sleep(8000, undefined, { ref: false })]);
      await close();
    },
    retire: async () => {
      over = true;
      givenUp.abort(new Error('this run of the job runner was given up'));
      // Stopped before each worker has had its error, graphile-worker prints a stack trace for every one.
      if (!queueAnswered) await sleep(250);
      runner.stop().catch(() => undefined);
      await Promise.race([Promise.allSettled([...running]), sleep(HANDLER_GRACE_MS)]);
      await Promise.race([ended, sleep(RESULT_GRACE_MS)]);
      // When this fails too, they wait as after a failure of their own.
      if (givenBack.length)
        await Promise.race([giveBackJobs(pool, givenBack).catch(() => undefined), sleep(RESULT_GRACE_MS)]);
      await close();
    },
  };
};
