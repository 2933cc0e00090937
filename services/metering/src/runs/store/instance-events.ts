import { sql, type Tx } from '@nefos/service-kit';
import type { PowerEvent } from '../domain/runs.js';
import { plain } from '../../arrays.js';

export interface NewEvent {
  uuid: string;
  instanceId: string;
  type: PowerEvent['type'];
  sequence: number;
  at: string;
  instanceType: string | null;
  vcpu: number | null;
  memory: number | null;
}

/** Stores events that are not stored yet, of two with one id the first. @returns the ids of those that were new */
export const insertEvents = async (tx: Tx, events: readonly NewEvent[]): Promise<string[]> =>
  !events.length
    ? []
    : (
        await sql<{ event_uuid: string }>(
          tx,
          `
  insert into instance_event (event_uuid, instance_id, event_type, sequence, occurred_at, instance_type, vcpu, memory)
  select * from unnest($1::uuid[], $2::bigint[], $3::text[], $4::bigint[], $5::timestamptz[], $6::text[], $7::int[], $8::float8[])
  on conflict (event_uuid) do nothing returning event_uuid`,
          [
            plain(events.map((e) => e.uuid)),
            plain(events.map((e) => e.instanceId)),
            plain(events.map((e) => e.type)),
            plain(events.map((e) => e.sequence)),
            plain(events.map((e) => e.at)),
            events.map((e) => e.instanceType),
            plain(events.map((e) => e.vcpu)),
            plain(events.map((e) => e.memory)),
          ],
        )
      ).map((r) => r.event_uuid);

/** Switches off, at an instant, what runs in these accounts then. @returns the instances */
export const insertFinalPowerOffs = async (
  tx: Tx,
  accounts: readonly { accountId: string; at: string }[],
): Promise<{ instanceId: string; since: string }[]> =>
  sql(
    tx,
    `
  insert into instance_event (instance_id, event_type, occurred_at, sequence)
  select i.id, 'power_off', a.at, 0 from unnest($1::bigint[], $2::timestamptz[]) a(account_id, at)
  join instance i on i.cloud_account_id = a.account_id where exists (select 1 from run r where r.instance_id = i.id and r.end_time is null)
  returning instance_id "instanceId", occurred_at since`,
    [accounts.map((a) => a.accountId), accounts.map((a) => a.at)],
  );
