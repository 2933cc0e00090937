import type { Db } from './database-types.js';
import { run, sql } from './statements.js';
import { CHANNELS } from './registry.js';

// What failed for good and waits for the operator: events that are not delivered any more, and dead jobs. For a
// service's command line.

export interface FailedEvent {
  event: string;
  aggregate: string;
  state: 'set aside' | 'refused';
  /** Events of the same aggregate that wait behind it. */
  waiting: number;
  attempts: number;
  since: string;
  error: string | null;
}
/** Oldest first, at most `limit`. */
export const failedEvents = (db: Db, limit: number): Promise<FailedEvent[]> =>
  sql<FailedEvent & Record<string, unknown>>(
    db,
    `select event_id "event", aggregate, case when set_aside_at is null then 'refused' else 'set aside' end state,
        case when set_aside_at is null then 0 else (
          select count(*)::int from outbox w where w.aggregate = o.aggregate and w.id > o.id and w.refused_at is null
        ) end waiting,
        attempts, coalesce(set_aside_at, refused_at) since, last_error "error"
      from outbox o where set_aside_at is not null or refused_at is not null order by id limit $1`,
    [limit],
  );
/** Delivers failed events again, these or all. @returns how many */
export const retryEvents = async (db: Db, events: readonly string[] | 'all'): Promise<number> =>
  db.transaction(async (tx) => {
    const count = await run(
      tx,
      `update outbox set set_aside_at = null, refused_at = null, blamed = 0
        where (set_aside_at is not null or refused_at is not null)
        and ($1::uuid[] is null or event_id = any($1::uuid[]))`,
      [events === 'all' ? null : events],
    );
    await sql(tx, `select pg_notify($1, '')`, [CHANNELS.outbox]);
    return count;
  });

export interface DeadJob {
  job: string;
  task: string;
  queue: string | null;
  payload: object;
  attempts: number;
  since: string;
  error: string | null;
}
// A job without a key was replaced by another, see `dropReplaced`: it is not to run again.
const DEAD = 'attempts >= max_attempts and locked_at is null and key is not null';
/** Oldest first, at most `limit`. */
export const deadJobs = (db: Db, limit: number): Promise<DeadJob[]> =>
  sql<DeadJob & Record<string, unknown>>(
    db,
    `select j.id job, task_identifier task, queue_name queue,
        (select payload from graphile_worker._private_jobs p where p.id = j.id) payload,
        attempts, updated_at since, last_error "error"
      from graphile_worker.jobs j where ${DEAD} order by updated_at, j.id limit $1`,
    [limit],
  );
/** Which of these jobs are dead. */
export const deadAmong = async (db: Db, jobs: readonly string[]): Promise<string[]> =>
  (
    await sql<{ job: string }>(
      db,
      `select id::text job from graphile_worker.jobs where ${DEAD} and id = any($1::bigint[])`,
      [jobs],
    )
  ).map((r) => r.job);
/** Gives dead jobs, these or all, their attempts again; they run at once. @returns how many */
export const retryJobs = async (db: Db, jobs: readonly string[] | 'all'): Promise<number> =>
  (
    await sql(
      db,
      `select id from graphile_worker.reschedule_jobs(
        array(select id from graphile_worker.jobs where ${DEAD} and ($1::bigint[] is null or id = any($1::bigint[]))),
        run_at := now(), attempts := 0)`,
      [jobs === 'all' ? null : jobs],
    )
  ).length;
