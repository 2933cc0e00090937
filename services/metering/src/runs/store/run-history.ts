import { columns, run, sql, type Row, type Tx } from '@nefos/service-kit';
import { plainArray } from '../../arrays.js';
import { FROM_MICROS, MICROS } from '../../micros.js';
import { instanceEvents, runs, type PowerEvent, type Size } from './tables.js';

// SQL: the runs of a whole batch of instances in four statements, their instants as numbers.

/** An instance whose past changed from `since` on; an instant as PostgreSQL or ISO 8601 writes it. */
export interface ChangePoint {
  instanceId: string;
  since: string;
}
/**
 * From when on the runs of an instance must be made anew: from the start of the run that the change point falls into.
 */
export interface RecomputeSpan extends ChangePoint {
  userId: string;
  accountId: string;
  /** The size in force until `since`. */
  sizeBefore: Size | null;
}
export interface StoredEvent extends PowerEvent {
  instanceId: string;
}
/** Instants in microseconds since 1970. */
export interface StoredRun extends Size {
  id: string;
  instanceId: string;
  start: number;
  end: number | null;
}
export interface NewRun extends Omit<StoredRun, 'id'> {
  userId: string;
  accountId: string;
}
/** What makes the stored runs equal to the ones that the events give. */
export interface RunChanges {
  remove: string[];
  update: StoredRun[];
  insert: NewRun[];
}

const SIZE = ['instanceType', 'vcpu', 'memory'] as const;
const SIZE_OF_EVENT = columns(instanceEvents, 'e', SIZE);
const sizeOf = ({ instanceType, vcpu, memory }: Size): Size | null =>
  instanceType === null && vcpu === null && memory === null ? null : { instanceType, vcpu, memory };
const SIZED = 'num_nonnulls(e.instance_type, e.vcpu, e.memory) > 0';
const POINTS = 'unnest($1::bigint[], $2::timestamptz[]) p(instance_id, since)';
const valuesOf = (points: readonly ChangePoint[]): [string, string] => [
  plainArray(points.map((point) => point.instanceId)),
  plainArray(points.map((point) => point.since)),
];

/**
 * Back to the start of the run that the point falls into or touches, and on through runs that end where the next one
 * starts: only there is it certain that the instance was off. Back to the beginning while no size is known before it.
 */
const SPANS = `
  with recursive back as (
    select p.instance_id, p.since from ${POINTS}
    union select back.instance_id, earlier.start_time from back cross join lateral (
      select r.start_time, coalesce(r.end_time, 'infinity') end_time from run r
      where r.instance_id = back.instance_id and r.start_time < back.since order by 1 desc, 2 desc limit 1) earlier
    where earlier.end_time >= back.since),
  span as (select instance_id, min(since) since from back group by 1)
  select i.id "instanceId", i.user_id "userId", i.cloud_account_id "accountId", ${SIZE_OF_EVENT},
    case when e.id is null then '-infinity' else span.since end since
  from span join instance i on i.id = span.instance_id
  left join lateral (
    select * from instance_event e where e.instance_id = span.instance_id and e.occurred_at < span.since and ${SIZED}
    order by e.occurred_at desc, e.sequence desc, e.id desc limit 1) e on true`;
export const findSpans = async (tx: Tx, points: readonly ChangePoint[]): Promise<RecomputeSpan[]> =>
  (await sql<Omit<RecomputeSpan, 'sizeBefore'> & Size>(tx, SPANS, valuesOf(points))).map(
    ({ instanceId, since, userId, accountId, ...size }) => ({
      instanceId,
      since,
      userId,
      accountId,
      sizeBefore: sizeOf(size),
    }),
  );

const EVENTS = `
  select ${columns(instanceEvents, 'e', ['instanceId', 'eventType'])}, ${MICROS('e.occurred_at')} at, ${SIZE_OF_EVENT}
  from ${POINTS} join instance_event e on e.instance_id = p.instance_id and e.occurred_at >= p.since
  order by e.instance_id, e.occurred_at, e.sequence, e.id`;
type EventRow = Pick<Row<typeof instanceEvents>, 'instanceId' | 'eventType'> & Size & { at: number };
/** By instance and time; at one instant by sequence, then as they were stored. */
export const findEventsSince = async (tx: Tx, points: readonly ChangePoint[]): Promise<StoredEvent[]> =>
  (await sql<EventRow>(tx, EVENTS, valuesOf(points))).map(({ instanceId, eventType, at, ...size }) => ({
    instanceId,
    type: eventType,
    at,
    size: sizeOf(size),
  }));

const RUNS = `
  select ${columns(runs, 'r', ['id', 'instanceId', ...SIZE])},
    ${MICROS('r.start_time')} start, ${MICROS('r.end_time')} "end"
  from ${POINTS} join run r on r.instance_id = p.instance_id and r.start_time >= p.since
  order by r.instance_id, r.start_time, r.id`;
export const findRunsSince = (tx: Tx, points: readonly ChangePoint[]): Promise<StoredRun[]> =>
  sql<StoredRun>(tx, RUNS, valuesOf(points));

export const writeRuns = async (tx: Tx, { remove, update, insert }: RunChanges): Promise<void> => {
  if (remove.length) await run(tx, 'delete from run where id = any($1::bigint[])', [plainArray(remove)]);
  if (update.length) {
    await run(
      tx,
      `update run set end_time = ${FROM_MICROS('u.ended')}, instance_type = u.instance_type, vcpu = u.vcpu,
         memory = u.memory
       from unnest($1::bigint[], $2::float8[], $3::text[], $4::int[], $5::float8[])
         u(id, ended, instance_type, vcpu, memory) where run.id = u.id`,
      [
        plainArray(update.map((one) => one.id)),
        plainArray(update.map((one) => one.end)),
        update.map((one) => one.instanceType),
        plainArray(update.map((one) => one.vcpu)),
        plainArray(update.map((one) => one.memory)),
      ],
    );
  }
  if (insert.length) {
    await run(
      tx,
      `insert into run (user_id, cloud_account_id, instance_id, start_time, end_time, instance_type, vcpu, memory)
       select user_id, account_id, instance_id, ${FROM_MICROS('started')}, ${FROM_MICROS('ended')}, instance_type, vcpu,
         memory
       from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::float8[], $5::float8[], $6::text[], $7::int[],
         $8::float8[]) n(user_id, account_id, instance_id, started, ended, instance_type, vcpu, memory)`,
      [
        plainArray(insert.map((one) => one.userId)),
        plainArray(insert.map((one) => one.accountId)),
        plainArray(insert.map((one) => one.instanceId)),
        plainArray(insert.map((one) => one.start)),
        plainArray(insert.map((one) => one.end)),
        insert.map((one) => one.instanceType),
        plainArray(insert.map((one) => one.vcpu)),
        plainArray(insert.map((one) => one.memory)),
      ],
    );
  }
};
