import { sql, type Tx } from '@nefos/service-kit';

/** What an event says of an instance, at the instant of its row's change. */
export interface MeteredFact {
  sequence: number;
  occurred_at: string;
  client_id: number;
  region: string;
  instance_type: string | null;
  vcpu: number | null;
  memory_mb: number | null;
  image_id: string | null;
  image_name: string | null;
  os_distro: string | null;
}
export interface Metered {
  vm_state: string;
  power_state: number;
  launched: boolean;
  metered_on: boolean;
  event_sequence: number;
}
export const readMetered = async (tx: Tx, id: string): Promise<Metered | undefined> =>
  (
    await sql<Metered>(
      tx,
      'select vm_state, power_state, launched_at is not null launched, metered_on, event_sequence from instance where id = $1 for update',
      [id],
    )
  )[0];
/** Counts one more fact. The instant is taken while the row is locked, so that instants rise with the sequence. */
export const recordFact = async (tx: Tx, id: string, on: boolean): Promise<MeteredFact | undefined> =>
  (
    await sql<MeteredFact>(
      tx,
      `
  with told as (update instance set metered_on = $2, event_sequence = event_sequence + 1 where id = $1
    returning event_sequence, client_id, region_id, flavor_id, image_id, image_name, os_distro)
  select t.event_sequence sequence, clock_timestamp() occurred_at, t.client_id, t.region_id region, f.name instance_type, f.vcpus vcpu, f.memory_mb, t.image_id,
    t.image_name, t.os_distro from told t left join flavor f on f.id = t.flavor_id`,
      [id, on],
    )
  )[0];
