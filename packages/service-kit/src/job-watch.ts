import type { Db } from './db.js';

/** No look at the queue is waited for longer. */
const TIMEOUT_MS = 5000;
const ask = async <R extends object>(db: Db, text: string, values: unknown[] = []): Promise<R[]> =>
  (
    await db.pool.query<R & Record<string, unknown>>({ text, values, query_timeout: TIMEOUT_MS } as {
      text: string;
      values: unknown[];
    })
  ).rows;

export interface QueueState {
  pending: number;
  /** Out of attempts. */ dead: number;
  /** In whose place another has come: see `dropReplaced`. */ replaced: number;
  /** How long the oldest job that anybody could take now waits already, in seconds; 0 when there is none. */ oldest: number;
}
/** What waits in the queue. A job behind another of its own queue does not count as waiting. */
export const lookAtQueue = async (db: Db, tasks: readonly string[]): Promise<QueueState> => {
  const [row] = await ask<QueueState>(
    db,
    `select count(*) filter (where attempts < max_attempts)::int pending,
        count(*) filter (where attempts >= max_attempts and locked_at is null and key is not null)::int dead,
        count(*) filter (where attempts >= max_attempts and locked_at is null and key is null)::int replaced,
        coalesce(extract(epoch from now() - min(run_at) filter (where attempts < max_attempts and locked_at is null and run_at <= now()
          and task_identifier = any($1::text[])
          and (queue_name is null or queue_name not in (select queue_name from graphile_worker.jobs where locked_at is not null and queue_name is not null))
        )), 0)::float8 oldest
      from graphile_worker.jobs`,
    [tasks],
  );
  return row ?? { pending: 0, dead: 0, replaced: 0, oldest: 0 };
};

/** Frees the jobs of worker pools whose lease nobody holds. @returns those pools */
export const freeForgotten = async (db: Db, lease: number, ours: (id: string) => boolean): Promise<string[]> => {
  const rows = await ask<{ locked_by: string }>(
    db,
    `select locked_by from graphile_worker.jobs where locked_at < now() - interval '2 s' and locked_by is not null
      group by 1 having pg_try_advisory_xact_lock($1, hashtext(locked_by))`,
    [lease],
  );
  const gone = rows.map((r) => r.locked_by).filter((id) => !ours(id));
  if (!gone.length) return gone;
  await ask(db, 'select graphile_worker.force_unlock_workers($1::text[])', [gone]);
  return gone;
};

/**
 * Removes jobs in whose place another has come. A job that was running when its key was enqueued again loses its key and its attempts to the
 * library, which leaves it to its worker to remove it: when that one dies or the job fails, it would count as out of attempts for ever.
 * `enqueue` gives every job a key, so no other job is without one.
 */
export const dropReplaced = async (db: Db): Promise<void> => {
  await ask(
    db,
    'delete from graphile_worker._private_jobs where key is null and attempts >= max_attempts and locked_at is null',
  );
};

/**
 * Frees queues that are locked though none of their jobs is. That happens when a job's end is written down late, by a worker pool that was
 * taken for dead, after another has taken the job again; without this the queue would stand still for four hours.
 */
export const freeQueues = async (db: Db): Promise<number> =>
  (
    await ask(
      db,
      `update graphile_worker._private_job_queues q set locked_at = null, locked_by = null
        where locked_at < now() - interval '2 s'
          and not exists (select 1 from graphile_worker._private_jobs j where j.job_queue_id = q.id and j.locked_at is not null)
        returning id`,
    )
  ).length;
