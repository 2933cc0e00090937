import { randomUUID } from 'node:crypto';
import { runMigrations } from 'graphile-worker';
import type { Db, Tx } from './database-types.js';
import { prepared, sql } from './statements.js';
import { markDatabaseError } from './fault.js';

export interface JobOptions {
  /** At most one job of a key waits. */
  key?: string;
  /** Jobs of one queue run one after the other. */
  queue?: string;
  runAt?: Date;
  maxAttempts?: number;
  /** The smaller number runs first. */
  priority?: number;
}

/**
 * Adds a job that exists if and only if the transaction commits. It replaces a waiting or dead job of the same key,
 * with all attempts again; one that runs now ends, and the new one runs after it. The payload holds ids only: the job
 * reads the rows when it runs.
 */
export const enqueue = async (
  tx: Tx,
  task: string,
  payload: Record<string, string | number>,
  { key, queue, runAt, maxAttempts = 25, priority }: JobOptions = {},
): Promise<void> => {
  // Every job has a key: graphile-worker takes it from a running job when another replaces it, see `dropReplaced`.
  await prepared(
    tx,
    `select graphile_worker.add_job($1, $2::json, queue_name := $3, run_at := $4::timestamptz, max_attempts := $5,
      job_key := $6, priority := $7)`,
    [task, JSON.stringify(payload), queue ?? null, runAt ?? null, maxAttempts, key ?? randomUUID(), priority ?? null],
  );
};
/**
 * Sees to it that a job of this key will run soon. For reconcilers, which ask again and again for what is not done: a
 * job that waits is put in front with all its attempts; one that runs is left alone; one that is out of attempts stays
 * dead, and counted since it died, until the operator retries it.
 */
export const ensureJob = async (
  tx: Tx,
  task: string,
  payload: Record<string, string | number>,
  options: JobOptions & { key: string },
): Promise<void> => {
  const busyOrDead = `select from graphile_worker.jobs
    where key = $1 and (locked_at is not null or attempts >= max_attempts)`;
  if ((await sql(tx, busyOrDead, [options.key])).length) return;
  await enqueue(tx, task, payload, options);
};
const PORTION = 1000;
/**
 * Ends the growing pauses of jobs that failed: for when what they failed at is known to work again. Running and dead
 * jobs are left alone. The runner takes them when it next asks for jobs, within a second or so.
 * @returns how many
 */
export const hurryJobs = async (db: Db, tasks: readonly string[]): Promise<number> => {
  let total = 0;
  // In order of id, so that a job that fails again meanwhile does not come twice; in portions, so that no statement
  // locks many rows.
  for (let after = '0'; ;) {
    const rows = await sql<{ id: string }>(
      db,
      `select id::text from graphile_worker.reschedule_jobs(
        array(select id from graphile_worker.jobs where task_identifier = any($1::text[])
          and attempts > 0 and attempts < max_attempts and locked_at is null and run_at > now() and id > $2
          order by id limit ${PORTION}),
        run_at := now())`,
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
