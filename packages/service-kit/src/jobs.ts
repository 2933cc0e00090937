import { EventEmitter } from 'node:events';
import { run as runWorker, runMigrations, type Runner } from 'graphile-worker';
import pg from 'pg';
import type { Db, Tx } from './db.js';
import { sql } from './db.js';
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
  await sql(
    tx,
    'select graphile_worker.add_job($1, $2::json, queue_name := $3, run_at := $4::timestamptz, max_attempts := $5, job_key := $6, priority := $7)',
    [task, JSON.stringify(payload), queue ?? null, runAt ?? null, maxAttempts, key ?? null, priority ?? null],
  );
};
/** The queue's own tables. */
export const migrateJobs = (db: Db): Promise<void> => runMigrations({ pgPool: db.pool, noPreparedStatements: false });

export interface JobContext {
  /** Aborted when the process must stop. */ signal: AbortSignal;
  attempt: number;
  maxAttempts: number;
  log: Log;
}
/** Runs twice without harm, or it is wrong. Throwing means: again later, with growing pauses. */
export type JobHandler = (payload: Record<string, string>, job: JobContext) => Promise<void>;
export interface Worker {
  stop(): Promise<void>;
}

// A dead worker's jobs stay locked for four hours in the library. So each pool's id is tied to a session lock that
// PostgreSQL frees the moment the process dies, and everybody frees the jobs of pools whose lock is free.
const FORGOTTEN = `select locked_by from graphile_worker.jobs where locked_at < now() - interval '2 s' and locked_by is not null
  group by 1 having pg_try_advisory_xact_lock(77, hashtext(locked_by))`;

export const startWorker = async ({
  db,
  url,
  tasks,
  concurrency = 10,
  log,
  metrics,
}: {
  db: Db;
  url: string;
  tasks: Record<string, JobHandler>;
  concurrency?: number;
  log: Log;
  metrics?: Metrics;
}): Promise<Worker> => {
  const stopping = new AbortController();
  const events = new EventEmitter();
  const leases = new Set<string>();
  let lease: pg.Client | undefined;
  let leased: Promise<unknown> = Promise.resolve();
  const hold = (client: pg.Client, id: string): Promise<unknown> => client.query('select pg_advisory_lock(77, hashtext($1))', [id]);
  const takeLease = async (): Promise<void> => {
    const client = new pg.Client({ connectionString: url, keepAlive: true, application_name: 'nefos-job-lease' });
    client.on('error', () => undefined);
    client.on('end', () => {
      if (lease === client && !stopping.signal.aborted) {
        lease = undefined;
        log.warn('the lease of this worker is lost and is taken again');
        leased = retake();
      }
    });
    await client.connect();
    for (const id of leases) await hold(client, id);
    lease = client;
  };
  // Without its lease a worker's jobs look free to others: no job begins until the lease is back. One that runs meanwhile may run twice, which handlers bear.
  const retake = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        await takeLease();
        return;
      } catch (err) {
        log.warn({ err: { message: (err as Error).message } }, 'no lease for this worker yet');
        await new Promise((r) => setTimeout(r, 500));
      }
    }
  };
  await takeLease();
  events.on('pool:create', ({ workerPool }: { workerPool: { id: string } }) => {
    leases.add(workerPool.id);
    if (lease) {
      leased = hold(lease, workerPool.id);
      leased.catch(() => undefined);
    }
  });
  const outcome = metrics?.counter('nefos_jobs_total', 'Jobs run, by task and outcome', ['task', 'outcome']);
  const depth = metrics?.gauge('nefos_jobs_pending', 'Jobs waiting or running');
  const dead = metrics?.gauge('nefos_jobs_dead', 'Jobs that are out of attempts');
  const taskList = Object.fromEntries(
    Object.entries(tasks).map(([task, handler]) => [
      task,
      async (payload: unknown, helpers: { job: { attempts: number; max_attempts: number } }) => {
        try {
          await leased;
          await handler(payload as Record<string, string>, {
            signal: stopping.signal,
            attempt: helpers.job.attempts,
            maxAttempts: helpers.job.max_attempts,
            log,
          });
          outcome?.inc({ task, outcome: 'done' });
        } catch (err) {
          outcome?.inc({ task, outcome: 'failed' });
          log.warn({ err, task, attempt: helpers.job.attempts }, 'a job failed and will be tried again');
          throw err;
        }
      },
    ]),
  );
  const silent = { error: log.error.bind(log), warning: log.warn.bind(log), info: () => undefined, debug: () => undefined };
  const { Logger } = await import('graphile-worker');
  const logger = new Logger(() => (level, message) => {
    (silent[level as keyof typeof silent] ?? (() => undefined))({ job: true }, message);
  });
  // With a delay, even of nothing, the library ends its pool when it can not write down how a job ended; without one it forgets the job, locked.
  const preset = { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } };
  const start = (): Promise<Runner> => runWorker({ pgPool: db.pool, events, noHandleSignals: true, concurrency, pollInterval: 1000, taskList, logger, preset });
  let runner = await start();
  let watched = Promise.resolve();
  const watch = setInterval(() => {
    watched = watched.then(async () => {
      if (stopping.signal.aborted) return;
      try {
        const rows = await sql<{ locked_by: string }>(db, FORGOTTEN);
        const gone = rows.map((r) => r.locked_by).filter((id) => !leases.has(id));
        if (gone.length) {
          log.warn({ workers: gone }, 'jobs of dead workers are free again');
          await sql(db, 'select graphile_worker.force_unlock_workers($1::text[])', [gone]);
        }
        const [counts] = await sql<{ pending: number; dead: number }>(
          db,
          'select count(*) filter (where attempts < max_attempts)::int pending, count(*) filter (where attempts >= max_attempts and locked_at is null)::int dead from graphile_worker.jobs',
        );
        if (counts) {
          depth?.set(counts.pending);
          dead?.set(counts.dead);
        }
      } catch (err) {
        log.warn({ err }, 'the queue could not be looked at');
      }
    });
  }, 2000);
  watch.unref();
  // The library gives up when its connections fail it; the service lives on, so it is started anew.
  const revive = (): void => {
    runner.promise
      .then(
        () => undefined,
        (err: unknown) => {
          log.warn({ err }, 'the job runner ended');
        },
      )
      .then(async () => {
        // What that pool left locked is nobody's now.
        for (const id of leases) lease?.query('select pg_advisory_unlock(77, hashtext($1))', [id]).catch(() => undefined);
        leases.clear();
        while (!stopping.signal.aborted) {
          try {
            runner = await start();
            revive();
            return;
          } catch (err) {
            log.warn({ err }, 'the job runner does not start');
            await new Promise((r) => setTimeout(r, 1000));
          }
        }
      })
      .catch(() => undefined);
  };
  revive();
  return {
    stop: async () => {
      stopping.abort();
      clearInterval(watch);
      await watched;
      await runner.stop().catch(() => undefined);
      await lease?.end().catch(() => undefined);
    },
  };
};
