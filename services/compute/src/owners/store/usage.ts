import { columns, prepared, run, sql, type Queryable, type Row, type Tx } from '@nefos/service-kit';
import { meteredResources } from '../tables.js';

export type MeteredResource = Row<typeof meteredResources>;
/** What is in use, by its id. */
export type ResourceKey = Pick<MeteredResource, 'kind' | 'resourceId'>;

/** SQL: locks the rows, in one order. */
export const lockResources = (
  tx: Tx,
  kind: MeteredResource['kind'],
  ids: readonly string[],
): Promise<MeteredResource[]> =>
  prepared<MeteredResource>(
    tx,
    `select ${columns(meteredResources)} from metered_resource where kind = $1 and resource_id = any($2::text[])
    order by resource_id for update`,
    [kind, ids],
  );
/** What is in use from now on. */
export interface NewUse extends Omit<MeteredResource, 'kind' | 'sequence' | 'due'> {
  /** How many more events there are; the last of them is of what is written. */
  events: number;
}
/** How a use was written: its last event's sequence and instant. */
export interface WrittenUse {
  resourceId: string;
  sequence: number;
  occurredAt: string;
}
/**
 * Writes what is in use from now on, and counts the events of it. SQL: the instant is read while the row is locked, so
 * that instants rise with the sequence.
 * @returns one for each, in any order
 */
export const writeResources = (tx: Tx, kind: MeteredResource['kind'], uses: readonly NewUse[]): Promise<WrittenUse[]> =>
  prepared<WrittenUse>(
    tx,
    `insert into metered_resource as m (kind, resource_id, client_id, region_id, quantity, sequence)
    select $1, u.* from unnest($2::text[], $3::int[], $4::text[], $5::bigint[], $6::int[])
      u(resource_id, client_id, region_id, quantity, events) order by resource_id
    on conflict (kind, resource_id) do update set client_id = excluded.client_id, region_id = excluded.region_id,
      quantity = excluded.quantity, sequence = m.sequence + excluded.sequence, due = false
    returning resource_id "resourceId", sequence, clock_timestamp() "occurredAt"`,
    [
      kind,
      uses.map((one) => one.resourceId),
      uses.map((one) => one.clientId),
      uses.map((one) => one.regionId),
      uses.map((one) => one.quantity),
      uses.map((one) => one.events),
    ],
  );
/** Forgets what is in use no more. SQL: returns it, with the instant. */
export const removeResource = async (
  tx: Tx,
  { kind, resourceId }: ResourceKey,
): Promise<(MeteredResource & { occurredAt: string }) | undefined> =>
  (
    await sql<MeteredResource & { occurredAt: string }>(
      tx,
      `delete from metered_resource where kind = $1 and resource_id = $2
      returning ${columns(meteredResources)}, clock_timestamp() "occurredAt"`,
      [kind, resourceId],
    )
  )[0];
/** Things whose first event is not published yet. */
export const listDueResources = (q: Queryable, limit: number): Promise<ResourceKey[]> =>
  sql<ResourceKey>(
    q,
    `select kind, resource_id "resourceId" from metered_resource where due order by kind, resource_id limit $1`,
    [limit],
  );
/** All that a client has in use. */
export const removeResourcesOf = async (tx: Tx, clientId: number): Promise<void> => {
  await run(tx, 'delete from metered_resource where client_id = $1', [clientId]);
};
