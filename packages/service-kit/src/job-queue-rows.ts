import type { Db } from './database-types.js';

/** For each statement about the queue. */
const TIMEOUT_MS = 5000;
const query = async <R extends object>(db: Db, text: string, values: unknown[] = []): Promise<R[]> =>
  (
    await db.pool.query<R & Record<string, unknown>>({ text, values, query_timeout: TIMEOUT_MS } as {
      text: string;
      values: unknown[];
    })
  ).rows;

export interface QueueState {
  pending: number;
  /** Out of attempts. */
  dead: number;
  /** Replaced by another of the same key while they ran; see `dropReplaced`. */
  replaced: number;
  /** For how many seconds the oldest job that could run now has been due; 0 when there is none. */
  oldest: number;
}
/** Counts the jobs. A job behind a running one of its own queue could not run now. */
export const countJobs = async (db: Db, tasks: readonly string[]): Promise<QueueState> => {
  const [row] = await query<QueueState>(
    db,
    `select count(*) filter (where attempts < max_attempts)::int pending,
        count(*) filter (where attempts >= max_attempts and locked_at is null and key is not null)::int dead,
        count(*) filter (where attempts >= max_attempts and locked_at is null and key is null)::int replaced,
        coalesce(extract(epoch from now() - min(run_at) filter (
          where attempts < max_attempts and locked_at is null and run_at <= now() and task_identifier = any($1::text[])
          and (queue_name is null or queue_name not in (
            select queue_name from graphile_worker.jobs where locked_at is not null and queue_name is not null))
        )), 0)::float8 oldest
      from graphile_worker.jobs`,
    [tasks],
  );
  return row ?? { pending: 0, dead: 0, replaced: 0, oldest: 0 };
};

/**
 * Frees the jobs of worker pools whose lock nobody holds.
 * @param lease number of these locks
 * @returns the pools' ids
 */
export const releaseAbandonedJobs = async (db: Db, lease: number, ours: (id: string) => boolean): Promise<string[]> => {
  const rows = await query<{ locked_by: string }>(
    db,
    `select locked_by from graphile_worker.jobs where locked_at < now() - interval '2 s' and locked_by is not null
      group by 1 having pg_try_advisory_xact_lock($1, hashtext(locked_by))`,
    [lease],
  );
  const dead = rows.map((r) => r.locked_by).filter((id) => !ours(id));
  if (!dead.length) return dead;
  await query(db, 'select graphile_worker.force_unlock_workers($1::text[])', [dead]);
  return dead;
};

/**
 * Frees jobs that a pool has locked without having them: its question for a job was answered, and the answer was lost
 * with the connection. They have not begun, so they have that attempt again; one that was replaced has none.
 * @param has whether the pool has a job that has been locked for so many milliseconds
 * @returns how many
 */
export const releaseStrayJobs = async (
  db: Db,
  pool: string,
  has: (id: string, lockedMs: number) => boolean,
): Promise<number> => {
  const rows = await query<{ id: string; ms: number }>(
    db,
    `select id::text, extract(epoch from clock_timestamp() - locked_at)::float8 * 1000 ms
      from graphile_worker._private_jobs where locked_by = $1 and locked_at < now() - interval '2 s'`,
    [pool],
  );
  const strays = rows.filter(({ id, ms }) => !has(id, ms)).map(({ id }) => id);
  if (!strays.length) return 0;
  await query(
    db,
    `update graphile_worker._private_jobs set locked_at = null, locked_by = null,
        attempts = case when key is null then attempts else greatest(attempts - 1, 0) end
      where id = any($1::bigint[]) and locked_by = $2`,
    [strays, pool],
  );
  return strays.length;
};
/**
 * Jobs that a run gave back: they are due at once, with that attempt again. Without it they would wait as after a
 * failure of their own, which grows to hours.
 */
export const giveBackJobs = async (q: Pick<Db['pool'], 'query'>, ids: readonly string[]): Promise<void> => {
  await q.query(
    `update graphile_worker._private_jobs set run_at = now(), attempts = greatest(attempts - 1, 0)
      where id = any($1::bigint[]) and locked_at is null and key is not null`,
    [ids],
  );
};

/**
 * Removes replaced jobs. When the key of a running job is enqueued again, graphile-worker takes the key and the
 * attempts from the running one, and its worker removes it at the end. If that worker dies or the job fails, it would
 * count as out of attempts for ever. `enqueue` gives every job a key, so no other job is without one.
 */
export const dropReplaced = async (db: Db): Promise<void> => {
  await query(
    db,
    'delete from graphile_worker._private_jobs where key is null and attempts >= max_attempts and locked_at is null',
  );
};

/**
 * Frees queues that are locked though none of their jobs is. That happens when a worker pool that was considered dead
 * stores the end of a job late, after another pool has taken the job again. Otherwise the queue would be locked for
 * four hours.
 * @returns how many
 */
export const freeQueues = async (db: Db): Promise<number> =>
  (
    await query(
      db,
      `update graphile_worker._private_job_queues q set locked_at = null, locked_by = null
        where locked_at < now() - interval '2 s'
          and not exists (
            select 1 from graphile_worker._private_jobs j where j.job_queue_id = q.id and j.locked_at is not null)
        returning id`,
    )
  ).length;
