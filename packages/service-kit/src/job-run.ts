import { EventEmitter, setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger, run as runLibrary, type Task } from 'graphile-worker';
import pg from 'pg';
import { markDatabaseError } from './fault.js';
import type { Lease } from './job-lease.js';
import type { Log } from './log.js';
import { session } from './session.js';

/** Handlers of a run that is given up get so long to end before its jobs are free for the next one. */
const HANDLERS_MS = 5000;
/** What they ended with gets so long to be written down. */
const WRITES_MS = 1500;

/** One life of the library's worker pool. */
export interface Run {
  id: string;
  /** Jobs whose handlers run now. */ busy(): number;
  /** Since when it has taken no job, in milliseconds since 1970. */ idleSince(): number;
  /** Whether it has taken any. */ taken(): boolean;
  /** Stops in order: running jobs end. Bounded. */ stop(): Promise<void>;
  /** Gives the run up: it takes nothing more; what it leaves is free when its handlers have ended, or soon anyway. */ retire(): Promise<void>;
}
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
  /** It can not go on and must be replaced. Called once. */ broken: (why: string, err?: unknown) => void;
  /** It has asked the queue for a job and got an answer. Called once. */ works: () => void;
}

/** The library may hand a broken listening connection back twice, which a pool answers by throwing where nobody catches. */
class RunPool extends pg.Pool {
  override connect(): Promise<pg.PoolClient>;
  override connect(
    callback: (err: Error | undefined, client: pg.PoolClient | undefined, done: (release?: boolean) => void) => void,
  ): void;
  override connect(
    callback?: (err: Error | undefined, client: pg.PoolClient | undefined, done: (release?: boolean) => void) => void,
  ): Promise<pg.PoolClient> | undefined {
    if (!callback) return super.connect();
    super.connect((err, client, done) => {
      let returned = false;
      callback(err, client, (release) => {
        if (returned) return;
        returned = true;
        done(release);
      });
    });
    return undefined;
  }
}

/**
 * Starts the library's worker pool on connections of its own: requests that use up the service's pool do not hold the jobs up.
 *
 * graphile-worker (0.17.3, 0.18.0 as well) stands still in silence in two cases, so both are seen here and end the run:
 * - The end of a job can not be written down. The library then shuts its pool down and, with two such writes at once, miscounts what it
 *   still waits for: its promise never settles. So its events are believed, not its promise.
 * - The very first question for a job fails. The library keeps the failed list of task ids for ever and gets no job any more.
 */
export const startRun = async ({ url, tasks, concurrency, lease, log, broken, works }: RunOptions): Promise<Run> => {
  const { url: address, options } = session(url, '-c idle_in_transaction_session_timeout=60000');
  const pool = new RunPool({
    connectionString: address,
    application_name: 'nefos-job-runner',
    // One listens, the others take and complete jobs.
    max: Math.min(concurrency, 5) + 1,
    keepAlive: true,
    connectionTimeoutMillis: 5000,
    query_timeout: 10_000,
    options,
  });
  // Whoever uses the connection gets the error as well.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  const events = new EventEmitter();
  const running = new Set<Promise<void>>();
  let id = '';
  let over = false;
  let asked = false;
  let idleSince = Date.now();
  let taken = false;
  const giving = new AbortController();
  setMaxListeners(0, giving.signal); // one for each job that waits
  const end = (why: string, err?: unknown): void => {
    if (over) return;
    over = true;
    broken(why, err);
  };
  const answered = (): void => {
    if (asked) return;
    asked = true;
    works();
  };
  events.on('pool:create', ({ workerPool }: { workerPool: { id: string } }) => {
    id = workerPool.id;
    lease.hold(id);
  });
  events.on('worker:getJob:empty', answered);
  events.on('job:start', () => {
    idleSince = Date.now();
    taken = true;
    answered();
  });
  events.on('worker:getJob:error', ({ error }: { error: Error }) => {
    if (!asked) end('the queue could not be read', error);
    // The connection goes back to the pool with the statement still running: only new connections help.
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
        const done = work(payload, job, giving.signal);
        running.add(done);
        const gone = (): void => void running.delete(done);
        done.then(gone, gone);
        return done;
      },
    ]),
  );
  // What matters of it is told by us, once.
  const logger = new Logger(() => (level, message) => log.debug({ library: level }, message));
  const close = async (): Promise<void> => {
    lease.drop(id);
    await Promise.race([pool.end().catch(() => undefined), sleep(1000, undefined, { ref: false })]);
  };
  // With a delay, even of nothing, the library tells us when it can not write down how a job ended; without one it forgets the job, locked.
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
    idleSince: () => idleSince,
    taken: () => taken,
    stop: async () => {
      over = true;
      await Promise.race([runner.stop().catch(() => undefined), sleep(8000, undefined, { ref: false })]);
      await close();
    },
    retire: async () => {
      over = true;
      giving.abort(new Error('this run of the job runner was given up'));
      // Its workers ask at the same time; stopped before each has had its error, the library writes a stack trace for every one.
      if (!asked) await sleep(250);
      runner.stop().catch(() => undefined);
      await Promise.race([Promise.allSettled([...running]), sleep(HANDLERS_MS)]);
      await Promise.race([ended, sleep(WRITES_MS)]);
      await close();
    },
  };
};
