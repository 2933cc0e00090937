import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { runMigrations } from 'graphile-worker';
import type { Db, Tx } from './db.js';
import { sql } from './db.js';
import { databaseAway, markDatabaseError } from './fault.js';
import { LEASE, takeLease } from './job-lease.js';
import { startRun, type Run } from './job-run.js';
import { dropReplaced, freeForgotten, freeQueues, lookAtQueue } from './job-watch.js';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';

export interface JobOptions {
  /** Ten requests with one key are one job. */ key?: string;
  /** Jobs of one queue run one after the other. */ queue?: string;
  runAt?: Date;
  maxAttempts?: number;
  /** Smaller runs first. */ priority?: number;
}

/** Adds a job that exists if and only if the transaction commits. The payload holds ids only: the row is read anew when the job runs. */
export const enqueue = async (
  tx: Tx,
  task: string,
  payload: Record<string, string | number>,
  { key, queue, runAt, maxAttempts = 25, priority }: JobOptions = {},
): Promise<void> => {
  // Always a key: a job that lost its own is one that another has taken the place of (job-watch.ts).
  const itsKey = key ?? randomUUID();
  await sql(
    tx,
    'select graphile_worker.add_job($1, $2::json, queue_name := $3, run_at := $4::timestamptz, max_attempts := $5, job_key := $6, priority := $7)',
    [task, JSON.stringify(payload), queue ?? null, runAt ?? null, maxAttempts, itsKey, priority ?? null],
  );
};
const PORTION = 1000;
/**
 * Ends the growing pauses of jobs that failed: for when what they failed at is known to work again. Those that run, or are out of attempts,
 * are left alone. The runner takes them with its next look, within a second or so.
 * @returns how many
 */
export const hurryJobs = async (db: Db, tasks: readonly string[]): Promise<number> => {
  let total = 0;
  // By id, so that one that fails again meanwhile does not come again. Portions, so that no statement holds many rows for long.
  for (let after = '0'; ;) {
    const rows = await sql<{ id: string }>(
      db,
      `select id::text from graphile_worker.reschedule_jobs(array(select id from graphile_worker.jobs where task_identifier = any($1::text[])
        and attempts > 0 and attempts < max_attempts and locked_at is null and run_at > now() and id > $2 order by id limit ${PORTION}), run_at := now())`,
      [tasks, after],
    );
    if (!rows.length) return total;
    total += rows.length;
    after = rows.reduce((last, { id }) => (BigInt(id) > last ? BigInt(id) : last), 0n).toString();
  }
};
/** The queue's own tables. */
export const migrateJobs = (db: Db): Promise<void> =>
  runMigrations({ pgPool: db.pool, noPreparedStatements: false }).catch((err: unknown) => {
    throw markDatabaseError(err);
  });

export interface JobContext {
  /** Aborted when the process must stop. */ signal: AbortSignal;
  attempt: number;
  maxAttempts: number;
  log: Log;
}
/** Runs twice without harm, or it is wrong. Throwing means: again later, with growing pauses. */
export type JobHandler = (payload: Record<string, string>, job: JobContext) => Promise<void>;
export interface Worker {
  /** Whether jobs are being taken: for the readiness of a service that depends on them. */ ready(): boolean;
  stop(): Promise<void>;
}
export interface WorkerOptions {
  db: Db;
  url: string;
  tasks: Record<string, JobHandler>;
  concurrency?: number;
  log: Log;
  metrics?: Metrics;
  /** Milliseconds between two looks at the queue. */ every?: number;
  /** A job that waits so long, in milliseconds, while the runner has room for it means that the runner stands still. */ patience?: number;
}

/** While the database (nothing else) is away a handler is run again in place: a failed attempt would make the job wait for long after the database is back. */
const IN_PLACE = 12;

/** Waits for `work`, or rejects when `signal` aborts. Leaves nothing behind at either: a race with a promise that never settles would. */
const unlessAborted = async (work: Promise<void>, signal: AbortSignal): Promise<void> => {
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

/** Runs jobs until it is stopped, whatever happens to the database meanwhile. */
export const startWorker = async ({
  db,
  url,
  tasks,
  concurrency = 10,
  log,
  metrics,
  every = 2000,
  patience = 6000,
}: WorkerOptions): Promise<Worker> => {
  const stopping = new AbortController();
  const outcome = metrics?.counter('nefos_jobs_total', 'Jobs run, by task and outcome', ['task', 'outcome']);
  const depth = metrics?.gauge('nefos_jobs_pending', 'Jobs waiting or running');
  const dead = metrics?.gauge('nefos_jobs_dead', 'Jobs that are out of attempts');
  const oldest = metrics?.gauge(
    'nefos_jobs_oldest_due_seconds',
    'How long the oldest job that could run now has been waiting',
  );
  const restarts = metrics?.counter(
    'nefos_job_runner_restarts_total',
    'How often the job runner was started anew, by reason',
    ['reason'],
  );
  const lease = await takeLease({ url, log, metrics });

  const job =
    (task: string, handler: JobHandler) =>
    async (
      payload: unknown,
      { id, attempts, max_attempts: maxAttempts }: { id: string; attempts: number; max_attempts: number },
      givenUp: AbortSignal,
    ) => {
      const attempt = async (again: number): Promise<void> => {
        givenUp.throwIfAborted();
        if (lease.missingSince() !== undefined) await unlessAborted(lease.held(), givenUp);
        try {
          await handler(payload as Record<string, string>, {
            signal: stopping.signal,
            attempt: attempts,
            maxAttempts,
            log,
          });
        } catch (err) {
          if (!databaseAway(err) || again >= IN_PLACE || stopping.signal.aborted) throw err;
          await sleep(Math.min(2000, 50 * 2 ** again), undefined, { signal: givenUp });
          return attempt(again + 1);
        }
      };
      try {
        await attempt(0);
        outcome?.inc({ task, outcome: 'done' });
      } catch (err) {
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
  const jobs = Object.fromEntries(Object.entries(tasks).map(([task, handler]) => [task, job(task, handler)]));

  let run: Run | undefined;
  // Since when no run has had an answer from the queue; 0 while one has. One line is written when this begins, one when it ends.
  let down = 0;
  // Since when jobs are due and nothing is taken; 0 while something is.
  let stalled = 0;
  // When jobs were last made free here: they have waited long already, and not for want of a runner.
  let freed = 0;
  let replacing: Promise<void> | undefined;
  const works = (): void => {
    if (down) log.info({ seconds: Math.round((Date.now() - down) / 1000) }, 'the job runner works again');
    down = 0;
  };
  const start = (): Promise<Run> =>
    startRun({ url, tasks: jobs, concurrency, lease, log, broken: (why, err) => replace(why, err), works });
  const replace = (reason: string, err?: unknown): void => {
    if (stopping.signal.aborted || replacing) return;
    restarts?.inc({ reason });
    if (!down) {
      down = Date.now();
      log.warn({ reason, error: (err as Error | undefined)?.message }, 'the job runner is started anew');
    }
    replacing = (async () => {
      const old = run;
      run = undefined;
      // Not waited for: its handlers may take long, and the new run has room of its own.
      old?.retire().catch(() => undefined);
      for (let pause = 50; !stopping.signal.aborted; pause = Math.min(1000, pause * 2)) {
        await sleep(pause);
        try {
          run = await start();
          return;
        } catch {
          /* the database is away: said already */
        }
      }
    })().finally(() => {
      replacing = undefined;
    });
  };
  run = await start();

  const look = async (): Promise<void> => {
    const gone = await freeForgotten(db, LEASE, (id) => lease.has(id));
    if (gone.length) log.warn({ workers: gone }, 'jobs of dead workers are free again');
    const queues = await freeQueues(db);
    if (queues) log.warn({ queues }, 'queues that were locked without a job are free again');
    if (gone.length || queues) freed = Date.now();
    const state = await lookAtQueue(db, Object.keys(tasks));
    depth?.set(state.pending);
    dead?.set(state.dead);
    oldest?.set(state.oldest);
    // The database answers, so if nothing is taken the reason is here.
    const now = Date.now();
    const missing = lease.missingSince();
    const idle =
      run !== undefined &&
      state.oldest * 1000 > patience &&
      run.busy() < concurrency &&
      now - Math.max(run.idleSince(), freed) > patience;
    if (idle || (missing !== undefined && now - missing > patience)) {
      if (!stalled && idle)
        log.error(
          { due_seconds: Math.round(state.oldest), pending: state.pending },
          'jobs are due and the job runner takes none',
        );
      else if (!stalled)
        log.error(
          { pending: state.pending },
          'no job is begun: the connection that says that this process lives can not be made',
        );
      stalled ||= now;
      replace(
        idle ? 'it took no job though some were due' : 'its connection that says that this process lives is missing',
      );
    } else if (run?.taken() || state.oldest * 1000 <= patience) stalled = 0;
    // Last: it waits for whoever has locked the table, which the look itself must not.
    if (state.replaced) await dropReplaced(db);
  };
  let looking = false;
  let blind = false;
  const watch = setInterval(() => {
    if (looking) return;
    looking = true;
    look()
      .then(
        () => {
          if (blind) log.info('the queue is looked at again');
          blind = false;
        },
        (err: unknown) => {
          if (!blind) log.warn({ reason: (err as Error).message }, 'the queue can not be looked at; it is tried again');
          blind = true;
        },
      )
      .finally(() => {
        looking = false;
      });
  }, every);
  watch.unref();
  return {
    ready: () => [down, stalled].every((since) => !since || Date.now() - since < patience + 4000),
    stop: async () => {
      stopping.abort();
      clearInterval(watch);
      await replacing;
      await run?.stop();
      await lease.stop();
    },
  };
};
