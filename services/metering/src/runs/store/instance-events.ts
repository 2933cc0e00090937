import { sql, type Tx } from '@nefos/service-kit';
import { plainArray } from '../../arrays.js';
import type { ChangePoint } from './run-history.js';
import type { PowerEvent, Size } from './tables.js';

export interface NewEvent extends Size {
  /** The sender's id of the event. */
  uuid: string;
  instanceId: string;
  type: PowerEvent['type'];
  sequence: number;
  /** ISO 8601. */
  at: string;
}

// SQL: a batch is one statement.
const INSERT = `
  insert into instance_event
    (event_uuid, instance_id, event_type, sequence, occurred_at, instance_type, vcpu, memory)
  select * from unnest($1::uuid[], $2::bigint[], $3::text[], $4::bigint[], $5::timestamptz[], $6::text[], $7::int[],
    $8::float8[])
  on conflict (event_uuid) do nothing returning event_uuid uuid`;
/** Stores the events that are not stored yet; of two with one id, the first. @returns the ids of those that were new */
export const insertEvents = async (tx: Tx, events: readonly NewEvent[]): Promise<string[]> => {
  if (!events.length) return [];
  const inserted = await sql<{ uuid: string }>(tx, INSERT, [
    plainArray(events.map((event) => event.uuid)),
    plainArray(events.map((event) => event.instanceId)),
    plainArray(events.map((event) => event.type)),
    plainArray(events.map((event) => event.sequence)),
    plainArray(events.map((event) => event.at)),
    events.map((event) => event.instanceType),
    plainArray(events.map((event) => event.vcpu)),
    plainArray(events.map((event) => event.memory)),
  ]);
  return inserted.map(({ uuid }) => uuid);
};

const POWER_OFFS = `
  insert into instance_event (instance_id, event_type, occurred_at, sequence)
  select i.id, 'power_off', a.at, 0 from unnest($1::bigint[], $2::timestamptz[]) a(account_id, at)
  join instance i on i.cloud_account_id = a.account_id
  where exists (select 1 from run r where r.instance_id = i.id and r.end_time is null)
  returning instance_id "instanceId", occurred_at since`;
/**
 * A power_off, at an instant, of each instance that runs in these accounts.
 * @returns from when on their runs changed
 */
export const insertFinalPowerOffs = (
  tx: Tx,
  accounts: readonly { accountId: string; at: string }[],
): Promise<ChangePoint[]> =>
  sql(tx, POWER_OFFS, [accounts.map(({ accountId }) => accountId), accounts.map(({ at }) => at)]);

/** The sequence of the newest event of each instance. */
export const newestSequences = async (tx: Tx, instances: readonly string[]): Promise<Map<string, number>> => {
  const text = `select instance_id "instanceId", max(sequence)::float8 sequence from instance_event
    where instance_id = any($1::bigint[]) group by 1`;
  const rows = await sql<{ instanceId: string; sequence: number }>(tx, text, [instances]);
  return new Map(rows.map(({ instanceId, sequence }) => [instanceId, sequence]));
};
