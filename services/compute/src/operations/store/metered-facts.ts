import { columns, em, prepared, sql, type Tx } from '@nefos/service-kit';
import { instances, type Instance } from '../tables.js';

/** What an event for metering says of an instance, as it is when its row changes. */
export interface MeteredFact extends Pick<Instance, 'clientId' | 'meteringId' | 'imageId' | 'imageName' | 'osDistro'> {
  instanceId: string;
  sequence: number;
  occurredAt: string;
  region: string;
  instanceType: string | null;
  vcpu: number | null;
  memoryMb: number | null;
}
const METERED = ['vmState', 'powerState', 'meteredOn', 'eventSequence'] as const;
/** What decides whether an event is due. */
export type MeteredState = Pick<Instance, (typeof METERED)[number]> & { launched: boolean };
/** SQL: locks the row. */
export const lockMeteredState = async (tx: Tx, id: string): Promise<MeteredState | undefined> =>
  (
    await sql<MeteredState>(
      tx,
      `select ${columns(instances, undefined, METERED)}, launched_at is not null launched
      from instance where id = $1 for update`,
      [id],
    )
  )[0];
/**
 * Counts one more event of each. Its instant is read while the row is locked, so that instants rise with the sequence.
 * SQL: a computed update that reads the flavor in the same statement.
 */
export const recordFacts = (tx: Tx, facts: readonly { instanceId: string; on: boolean }[]): Promise<MeteredFact[]> =>
  prepared<MeteredFact>(
    tx,
    `with i as (update instance set metered_on = w.is_on, event_sequence = event_sequence + 1
        from unnest($1::uuid[], $2::boolean[]) w(instance_id, is_on)
        where id = w.instance_id returning instance.*, w.is_on),
      -- Its traffic is read while it runs, first within a minute; what a machine carried before its import does not
      -- count.
      counted as (insert into traffic (instance_id, region_id, counters, next_read_at)
        select id, region_id, case when imported_from is null then '{}'::jsonb end,
          case when is_on then now() + random() * interval '60 s' end
        from i where vm_state <> 'deleted'
        on conflict (instance_id) do update set region_id = excluded.region_id, next_read_at = excluded.next_read_at)
      select i.id "instanceId", i.event_sequence sequence, clock_timestamp() "occurredAt",
        ${columns(instances, 'i', ['clientId', 'meteringId', 'imageId', 'imageName', 'osDistro'])}, i.region_id region,
        f.name "instanceType", f.vcpus vcpu, f.memory_mb "memoryMb"
      from i left join flavor f on f.id = i.flavor_id`,
    [facts.map(({ instanceId }) => instanceId), facts.map(({ on }) => on)],
  );
/** The next event is the first one of another instance, as metering sees it. */
export const renewMeteringId = async (tx: Tx, id: string, meteringId: string): Promise<void> => {
  await em(tx).update(instances, { id }, { meteringId, meteredOn: false, eventSequence: 0 });
};
