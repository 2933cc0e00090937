import { run, sql, type Tx } from '@nefos/service-kit';
import type { Point, Reach, RunChanges, StoredEvent, StoredRun } from '../domain/recompute.js';
import type { Size } from '../domain/runs.js';
import { plain } from '../../arrays.js';
import { FROM_MICROS, MICROS } from '../../micros.js';

interface SizeRow {
  instance_type: string | null;
  vcpu: number | null;
  memory: number | null;
}
const sizeOf = (r: SizeRow): Size | null =>
  r.instance_type === null && r.vcpu === null && r.memory === null
    ? null
    : { instanceType: r.instance_type, vcpu: r.vcpu, memory: r.memory };
const SIZED = 'num_nonnulls(e.instance_type, e.vcpu, e.memory) > 0';
const columns = (points: readonly Point[]): [string, string] => [
  plain(points.map((p) => p.instanceId)),
  plain(points.map((p) => p.since)),
];
const POINTS = 'unnest($1::bigint[], $2::timestamptz[]) p(instance_id, since)';

/**
 * Back to the start of the run that the point falls into or touches, and on through runs that end where the next one starts: only
 * there is it certain that nothing was running. To the beginning while no size is known before it.
 */
export const findReach = async (tx: Tx, points: readonly Point[]): Promise<Reach[]> =>
  (
    await sql<SizeRow & { instance_id: string; since: string; user_id: string; cloud_account_id: string }>(
      tx,
      `
    with recursive back as (
      select p.instance_id, p.since from ${POINTS}
      union select back.instance_id, earlier.start_time from back cross join lateral (
        select r.start_time, coalesce(r.end_time, 'infinity') end_time from run r where r.instance_id = back.instance_id and r.start_time < back.since order by 1 desc, 2 desc limit 1) earlier
      where earlier.end_time >= back.since),
    reach as (select instance_id, min(since) since from back group by 1)
    select i.id instance_id, i.user_id, i.cloud_account_id, e.instance_type, e.vcpu, e.memory, case when e.id is null then '-infinity' else reach.since end since
    from reach join instance i on i.id = reach.instance_id
    left join lateral (select * from instance_event e where e.instance_id = reach.instance_id and e.occurred_at < reach.since and ${SIZED} order by e.occurred_at desc, e.sequence desc, e.id desc limit 1) e on true`,
      columns(points),
    )
  ).map((r) => ({
    instanceId: r.instance_id,
    since: r.since,
    userId: r.user_id,
    accountId: r.cloud_account_id,
    before: sizeOf(r),
  }));

/** By instance and time; at one instant by sequence, then as they were stored. */
export const findEventsSince = async (tx: Tx, points: readonly Point[]): Promise<StoredEvent[]> =>
  (
    await sql<SizeRow & { instance_id: string; event_type: StoredEvent['type']; at: number }>(
      tx,
      `
    select e.instance_id, e.event_type, ${MICROS('e.occurred_at')} at, e.instance_type, e.vcpu, e.memory from ${POINTS}
    join instance_event e on e.instance_id = p.instance_id and e.occurred_at >= p.since order by e.instance_id, e.occurred_at, e.sequence, e.id`,
      columns(points),
    )
  ).map((r) => ({ instanceId: r.instance_id, type: r.event_type, at: r.at, size: sizeOf(r) }));

export const findRunsSince = (tx: Tx, points: readonly Point[]): Promise<StoredRun[]> =>
  sql<StoredRun>(
    tx,
    `select r.id, r.instance_id "instanceId", ${MICROS('r.start_time')} start, ${MICROS('r.end_time')} "end", r.instance_type "instanceType", r.vcpu, r.memory
    from ${POINTS} join run r on r.instance_id = p.instance_id and r.start_time >= p.since order by r.instance_id, r.start_time, r.id`,
    columns(points),
  );

export const writeRuns = async (tx: Tx, { remove, update, insert }: RunChanges): Promise<void> => {
  if (remove.length) await run(tx, 'delete from run where id = any($1::bigint[])', [plain(remove)]);
  if (update.length) {
    await run(
      tx,
      `update run set end_time = ${FROM_MICROS('u.ended')}, instance_type = u.instance_type, vcpu = u.vcpu, memory = u.memory
      from unnest($1::bigint[], $2::float8[], $3::text[], $4::int[], $5::float8[]) u(id, ended, instance_type, vcpu, memory) where run.id = u.id`,
      [
        plain(update.map((r) => r.id)),
        plain(update.map((r) => r.end)),
        update.map((r) => r.instanceType),
        plain(update.map((r) => r.vcpu)),
        plain(update.map((r) => r.memory)),
      ],
    );
  }
  if (insert.length) {
    await run(
      tx,
      `insert into run (user_id, cloud_account_id, instance_id, start_time, end_time, instance_type, vcpu, memory)
      select user_id, account_id, instance_id, ${FROM_MICROS('started')}, ${FROM_MICROS('ended')}, instance_type, vcpu, memory
      from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::float8[], $5::float8[], $6::text[], $7::int[], $8::float8[])
      n(user_id, account_id, instance_id, started, ended, instance_type, vcpu, memory)`,
      [
        plain(insert.map((r) => r.userId)),
        plain(insert.map((r) => r.accountId)),
        plain(insert.map((r) => r.instanceId)),
        plain(insert.map((r) => r.start)),
        plain(insert.map((r) => r.end)),
        insert.map((r) => r.instanceType),
        plain(insert.map((r) => r.vcpu)),
        plain(insert.map((r) => r.memory)),
      ],
    );
  }
};
