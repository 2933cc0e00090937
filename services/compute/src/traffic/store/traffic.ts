import { columns, run, sql, type Queryable, type Tx } from '@nefos/service-kit';
import { LIMIT_ACTION, LIMIT_BYTES } from '../limit-sql.js';
import {
  traffic,
  trafficDays,
  type SeenCounters,
  type Traffic,
  type TrafficAction,
  type TrafficDay,
} from '../tables.js';

// SQL throughout: the readings of many instances are taken and written together, a statement each; instances and their
// projects belong to later areas or are joined.

/** An instance whose counters are to be read. */
export interface DueReading extends Pick<Traffic, 'instanceId' | 'version'> {
  regionId: string;
  backendId: string | null;
}
/** Takes instances whose counters are due, and moves their next reading on: no other process takes them meanwhile. */
export const claimReadings = (
  q: Queryable,
  { regions, limit, seconds }: { regions: readonly string[]; limit: number; seconds: number },
): Promise<DueReading[]> =>
  sql<DueReading>(
    q,
    `update traffic t set next_read_at = now() + $3 * interval '1 s' from instance i
    where i.id = t.instance_id and t.instance_id in (
      select instance_id from traffic where region_id = any($1::text[]) and next_read_at <= now()
      order by next_read_at limit $2 for update skip locked)
    returning t.instance_id "instanceId", t.version, t.region_id "regionId", i.backend_id "backendId"`,
    [regions, limit, seconds],
  );
/** Version of the last reading; undefined: the instance has not run. */
export const findVersion = async (q: Queryable, instanceId: string): Promise<number | undefined> =>
  (await sql<{ version: number }>(q, 'select version from traffic where instance_id = $1', [instanceId]))[0]?.version;

/** What an instance has carried for its present client. */
export interface Total extends Pick<Traffic, 'regionId' | 'totalBytes'> {
  clientId: number;
  /** Its id at metering. */
  meteredId: string;
}
export const lockTotal = async (tx: Tx, instanceId: string): Promise<Total | undefined> =>
  (
    await sql<Total>(
      tx,
      `select ${columns(traffic, 't', ['regionId', 'totalBytes'])}, i.client_id "clientId",
        coalesce(i.metering_id, i.id)::text "meteredId"
      from traffic t join instance i on i.id = t.instance_id where t.instance_id = $1 for update of t`,
      [instanceId],
    )
  )[0];
/** Sums of an instance with what decides how they go on. */
export interface LockedTraffic extends Traffic, Total {
  /** Bytes of a month; null: none. */
  limit: number | null;
  action: TrafficAction;
  /** The cycle of the client's OpenStack service that is now; without one the calendar month. */
  nowCycleStart: string;
  nowCycleEnd: string;
}
export interface Moment {
  now: Date;
  /** `YYYY-MM` in the server's zone. */
  month: string;
  zone: string;
}
/** Locks the sums of instances, in one order. */
export const lockTraffic = (
  tx: Tx,
  instanceIds: readonly string[],
  { now, month, zone }: Moment,
): Promise<LockedTraffic[]> =>
  sql<LockedTraffic>(
    tx,
    `select ${columns(traffic, 't')}, i.client_id "clientId", coalesce(i.metering_id, i.id)::text "meteredId",
      ${LIMIT_BYTES} "limit", ${LIMIT_ACTION} action,
      coalesce(y.start_at, ($3 || '-01')::timestamp at time zone $4) "nowCycleStart",
      coalesce(y.end_at, (($3 || '-01')::timestamp + interval '1 month') at time zone $4) "nowCycleEnd"
    from traffic t join instance i on i.id = t.instance_id left join flavor f on f.id = i.flavor_id
    left join lateral (
      select y.start_at, y.end_at from project p join service_cycle y on y.service_id = p.service_id
      where p.id = i.project_id and y.start_at <= $2 and y.end_at > $2 order by y.start_at desc limit 1) y on true
    where t.instance_id = any($1::uuid[]) order by t.instance_id for update of t`,
    [instanceIds, now, month, zone],
  );
/** Sums after a reading. */
export interface NewSums extends Pick<
  Traffic,
  'instanceId' | 'month' | 'monthBytes' | 'cycleBytes' | 'totalBytes' | 'toldAt' | 'limitDue'
> {
  counters: SeenCounters;
  cycleStart: string;
  cycleEnd: string;
}
/** Writes sums of locked rows; each write is a version. */
export const writeSums = async (tx: Tx, all: readonly NewSums[]): Promise<void> => {
  if (!all.length) return;
  await run(
    tx,
    `update traffic t set version = t.version + 1, counters = n.counters, month = n.month, month_bytes = n.month_bytes,
      cycle_start = n.cycle_start, cycle_end = n.cycle_end, cycle_bytes = n.cycle_bytes, total_bytes = n.total_bytes,
      told_at = n.told_at, limit_due = n.limit_due
    from unnest($1::uuid[], $2::jsonb[], $3::text[], $4::bigint[], $5::timestamptz[], $6::timestamptz[], $7::bigint[],
      $8::bigint[], $9::timestamptz[], $10::boolean[])
      n(instance_id, counters, month, month_bytes, cycle_start, cycle_end, cycle_bytes, total_bytes, told_at, limit_due)
    where t.instance_id = n.instance_id`,
    [
      all.map((one) => one.instanceId),
      all.map((one) => JSON.stringify(one.counters)),
      all.map((one) => one.month),
      all.map((one) => one.monthBytes),
      all.map((one) => one.cycleStart),
      all.map((one) => one.cycleEnd),
      all.map((one) => one.cycleBytes),
      all.map((one) => one.totalBytes),
      all.map((one) => one.toldAt),
      all.map((one) => one.limitDue),
    ],
  );
};
/** Adds what was carried to a day. */
export const addToDay = async (
  tx: Tx,
  day: string,
  all: readonly { instanceId: string; rx: bigint; tx: bigint }[],
): Promise<void> => {
  if (!all.length) return;
  await run(
    tx,
    `insert into traffic_day as d (instance_id, day, rx_bytes, tx_bytes)
    select n.instance_id, $1, n.rx, n.tx from unnest($2::uuid[], $3::bigint[], $4::bigint[]) n(instance_id, rx, tx)
    on conflict (instance_id, day) do update
      set rx_bytes = d.rx_bytes + excluded.rx_bytes, tx_bytes = d.tx_bytes + excluded.tx_bytes`,
    [day, all.map((one) => one.instanceId), all.map((one) => String(one.rx)), all.map((one) => String(one.tx))],
  );
};
export const listDays = (q: Queryable, instanceId: string, from: string, to: string): Promise<TrafficDay[]> =>
  sql<TrafficDay>(
    q,
    `select ${columns(trafficDays)} from traffic_day where instance_id = $1 and day between $2 and $3 order by day`,
    [instanceId, from, to],
  );
/** Throws away a portion of the days before one. @returns how many */
export const pruneDays = (q: Queryable, before: string, portion: number): Promise<number> =>
  run(
    q,
    `delete from traffic_day where (instance_id, day) in (
      select instance_id, day from traffic_day where day < $1 limit $2)`,
    [before, portion],
  );

/** The instance is deleted. */
export const removeTraffic = async (tx: Tx, instanceId: string): Promise<void> => {
  await run(tx, 'delete from traffic where instance_id = $1', [instanceId]);
};
/** Another client has the instance: what it has carried so far is none of that client's business. */
export const restartTraffic = async (tx: Tx, instanceId: string): Promise<void> => {
  await run(tx, 'delete from traffic_day where instance_id = $1', [instanceId]);
  await run(
    tx,
    `update traffic set version = version + 1, month = null, month_bytes = 0, cycle_start = null, cycle_end = null,
      cycle_bytes = 0, total_bytes = 0, told_at = null, limit_month = null, limit_due = false where instance_id = $1`,
    [instanceId],
  );
};

/** What staff set. What is undefined stays. */
export interface LimitChanges {
  /** Bytes of a month; null: the flavor's; -1: none. */
  bytes?: number | null | undefined;
  action?: TrafficAction | null | undefined;
}
/** Sets the limit of an instance; what was done about the former one is forgotten. */
export const writeLimit = async (tx: Tx, instanceId: string, { bytes, action }: LimitChanges): Promise<void> => {
  await run(
    tx,
    `insert into traffic as t (instance_id, region_id, counters, limit_bytes, limit_action)
    select id, region_id, case when imported_from is null then '{}'::jsonb end, $3, $5 from instance where id = $1
    on conflict (instance_id) do update set limit_bytes = case when $2 then $3 else t.limit_bytes end,
      limit_action = case when $4 then $5 else t.limit_action end, limit_month = null`,
    [instanceId, bytes !== undefined, bytes ?? null, action !== undefined, action ?? null],
  );
};
/** What has been done about a limit. */
export const noteLimit = async (
  tx: Tx,
  instanceId: string,
  { due, month }: { due: boolean; month: string | null },
): Promise<void> => {
  await run(tx, 'update traffic set limit_due = $2, limit_month = $3 where instance_id = $1', [instanceId, due, month]);
};
/** Instances that have reached their limit, and about which nothing was done yet. */
export const listDueLimits = async (q: Queryable, limit: number): Promise<string[]> =>
  (
    await sql<{ id: string }>(q, 'select instance_id id from traffic where limit_due order by instance_id limit $1', [
      limit,
    ])
  ).map(({ id }) => id);
