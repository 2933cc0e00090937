import { CHANNELS, columns, prepared, run, sql, type Queryable, type Tx } from '@nefos/service-kit';
import type { Place } from '../place.js';
import { events, type EventRow } from '../tables.js';

/** An event to be written. */
export interface NewEvent extends Pick<EventRow, 'type' | 'clientId' | 'objectType' | 'objectId' | 'data'> {
  staffData?: Record<string, unknown>;
}
/** SQL: the event and the notice in one statement. */
export const insertEvent = async (tx: Tx, one: NewEvent): Promise<void> => {
  await sql(
    tx,
    `with recorded as (insert into event (type, client_id, object_type, object_id, data, staff_data)
      values ($1, $2, $3, $4, $5::jsonb, $6::jsonb) returning 1)
    select from recorded where pg_notify('${CHANNELS.computeEvents}', '') is not null`,
    [
      one.type,
      one.clientId,
      one.objectType,
      one.objectId,
      JSON.stringify(one.data),
      one.staffData ? JSON.stringify(one.staffData) : null,
    ],
  );
};

// Every transaction below has ended for the statement's snapshot: no event can appear there any more.
const HORIZON = 'pg_snapshot_xmin(pg_current_snapshot())::text::bigint';
const COLUMNS = columns(events, 'e');
/** The place from which on events may still appear. */
export const findHorizon = async (q: Queryable): Promise<Place> => {
  const [row] = await sql<{ xact: number }>(q, `select (${HORIZON})::float8 xact`);
  return { xact: row?.xact ?? 0, sequence: 0 };
};
// SQL, prepared: it runs several times a second while anybody listens. Rows and horizon are of one snapshot.
const READ = `with h as materialized (select ${HORIZON} horizon)
  select h.horizon::float8 horizon, ${COLUMNS} from h left join lateral (
    select * from event where (xact, sequence) > ($1::bigint, $2::bigint) and xact < h.horizon
    order by xact, sequence limit $3) e on true
  order by e.xact, e.sequence`;
/**
 * The next final events after a place, in order.
 * @returns also the place up to which all is read
 */
export const readEvents = async (
  q: Queryable,
  after: Place,
  limit: number,
): Promise<{ rows: EventRow[]; upTo: Place }> => {
  const found = await prepared<EventRow & { horizon: number }>(q, READ, [after.xact, after.sequence, limit]);
  const rows = found.filter((one) => (one.sequence as number | null) !== null);
  const last = rows.at(-1);
  const horizon = { xact: found[0]?.horizon ?? after.xact, sequence: 0 };
  return { rows, upTo: last && rows.length === limit ? { xact: last.xact, sequence: last.sequence } : horizon };
};
/**
 * A page of the events between two places, the first left out.
 * @param scope.clientIds whose; null: everybody's. SQL: compares pairs
 */
export const listEventsBetween = (
  q: Queryable,
  { after, until, clientIds }: { after: Place; until: Place; clientIds: readonly number[] | null },
  limit: number,
): Promise<EventRow[]> =>
  sql<EventRow>(
    q,
    `select ${COLUMNS} from event e where (xact, sequence) > ($1::bigint, $2::bigint)
      and (xact, sequence) <= ($3::bigint, $4::bigint)${clientIds ? ' and client_id = any($6::int[])' : ''}
    order by xact, sequence limit $5`,
    [after.xact, after.sequence, until.xact, until.sequence, limit, ...(clientIds ? [clientIds] : [])],
  );

/** The place of the last event that is kept no longer. */
export const findPruned = async (q: Queryable): Promise<Place> => {
  const [row] = await sql<Place>(
    q,
    'select pruned_xact::float8 xact, pruned_sequence::float8 sequence from event_log where id = 1',
  );
  return row ?? { xact: 0, sequence: 0 };
};
/**
 * Throws a portion of the oldest events away, if webhooks have their deliveries for them. SQL: batched, in order.
 * @returns how many
 */
export const pruneEvents = async (tx: Tx, minutes: number, portion: number): Promise<number> => {
  const [row] = await sql<{ count: number }>(
    tx,
    `with log as (select * from event_log where id = 1 for update),
      old as (select e.xact, e.sequence from event e, log
        where (e.xact, e.sequence) <= (log.dispatched_xact, log.dispatched_sequence)
          and e.created_at < now() - $1 * interval '1 minute'
        order by e.xact, e.sequence limit $2),
      gone as (delete from event e using old where e.xact = old.xact and e.sequence = old.sequence
        returning e.xact, e.sequence),
      last as (select xact, sequence from gone order by xact desc, sequence desc limit 1),
      noted as (update event_log set pruned_xact = last.xact, pruned_sequence = last.sequence from last
        where id = 1 and (last.xact, last.sequence) > (pruned_xact, pruned_sequence))
    select count(*)::int count from gone`,
    [minutes, portion],
  );
  return row?.count ?? 0;
};
/**
 * Deletes events of another database cluster, which a restored backup may hold: their transactions lie in the future.
 * SQL: compares with the snapshot.
 */
export const deleteForeignEvents = async (q: Queryable): Promise<number> => {
  const future = 'pg_snapshot_xmax(pg_current_snapshot())::text::bigint';
  await run(
    q,
    `update event_log set pruned_xact = 0, pruned_sequence = 0, dispatched_xact = 0, dispatched_sequence = 0
    where pruned_xact > ${future} or dispatched_xact > ${future}`,
  );
  return run(q, `delete from event where xact >= ${future}`);
};

/** Locks the log. @returns the place up to which webhooks have their deliveries. SQL: locks the row */
export const lockDispatched = async (tx: Tx): Promise<Place> => {
  const [row] = await sql<Place>(
    tx,
    `select dispatched_xact::float8 xact, dispatched_sequence::float8 sequence from event_log where id = 1 for update`,
  );
  return row ?? { xact: 0, sequence: 0 };
};
export const writeDispatched = async (tx: Tx, { xact, sequence }: Place): Promise<void> => {
  await run(tx, 'update event_log set dispatched_xact = $1, dispatched_sequence = $2 where id = 1', [xact, sequence]);
};
