import type { Db } from './database-types.js';
import { run, sql } from './statements.js';

export interface OutboxRow {
  id: string;
  event_id: string;
  aggregate: string;
  payload: object;
}
// Events behind one of the same aggregate that is set aside wait.
const DELIVERABLE = `refused_at is null and set_aside_at is null
  and not exists (select from outbox b where b.aggregate = o.aggregate and b.set_aside_at is not null and b.id < o.id)`;
const FIELDS = 'id, event_id, aggregate, payload';

/**
 * The oldest deliverable events, without these aggregates, and without those whose next event has an id up to
 * `skippedUpTo`.
 */
export const oldestRows = (
  db: Db,
  limit: number,
  without: readonly string[],
  skippedUpTo: string,
): Promise<OutboxRow[]> =>
  sql(
    db,
    `select ${FIELDS} from outbox o where ${DELIVERABLE} and aggregate <> all($2::text[])
        and ($3::bigint = 0 or id > $3 and not exists (
          select from outbox b where b.aggregate = o.aggregate and b.id <= $3 and b.refused_at is null))
      order by id limit $1`,
    [limit, without, skippedUpTo],
  );

/** The next event of an aggregate. */
export const nextOf = async (db: Db, aggregate: string): Promise<OutboxRow | undefined> =>
  (
    await sql<OutboxRow>(
      db,
      `select ${FIELDS} from outbox o where aggregate = $1 and ${DELIVERABLE} order by id limit 1`,
      [aggregate],
    )
  )[0];

/** The next event of a random aggregate, without these; recent events are likelier. */
export const nextByChance = async (db: Db, without: readonly string[]): Promise<OutboxRow | undefined> => {
  const [one] = await sql<{ aggregate: string }>(
    db,
    `select aggregate from outbox o where ${DELIVERABLE} and aggregate <> all($1::text[])
        and id >= (select max(id) - floor(power(random(), 3) * (max(id) - min(id) + 1))::bigint
          from outbox where refused_at is null)
      order by id limit 1`,
    [without],
  );
  return one && nextOf(db, one.aggregate);
};

/** Stores that the delivery of these failed. */
export const noteFailure = (db: Db, rows: readonly OutboxRow[], err: Error): Promise<number> =>
  run(db, 'update outbox set attempts = attempts + 1, last_error = $2 where id = any($1::bigint[])', [
    rows.map((r) => r.id),
    String(err.message).slice(0, 500),
  ]);

export interface OutboxCounts {
  pending: number;
  /** Age of the oldest event that is not delivered, in seconds. */
  oldest: number;
  set_aside: number;
  refused: number;
}
export const countRows = async (db: Db): Promise<OutboxCounts | undefined> =>
  (
    await sql<OutboxCounts & Record<string, unknown>>(
      db,
      `select count(*)::int pending, coalesce(extract(epoch from now() - min(created_at)), 0)::float8 oldest,
          count(set_aside_at)::int set_aside, (select count(*)::int from outbox where refused_at is not null) refused
        from outbox where refused_at is null`,
    )
  )[0];
