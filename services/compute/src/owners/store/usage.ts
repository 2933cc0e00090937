import { columns, run, sql, type Queryable, type Row, type Tx } from '@nefos/service-kit';
import { meteredResources } from '../tables.js';

export type MeteredResource = Row<typeof meteredResources>;
/** What is in use, by its id. */
export type ResourceKey = Pick<MeteredResource, 'kind' | 'resourceId'>;

/** SQL: locks the row. */
export const lockResource = async (tx: Tx, { kind, resourceId }: ResourceKey): Promise<MeteredResource | undefined> =>
  (
    await sql<MeteredResource>(
      tx,
      `select ${columns(meteredResources)} from metered_resource where kind = $1 and resource_id = $2 for update`,
      [kind, resourceId],
    )
  )[0];
/**
 * Writes what is in use from now on, and counts the events of it. SQL: the instant is read while the row is locked, so
 * that instants rise with the sequence.
 * @param events how many more there are; the last of them is of what is written
 */
export const writeResource = async (
  tx: Tx,
  one: Omit<MeteredResource, 'sequence' | 'due'>,
  events: number,
): Promise<{ sequence: number; occurredAt: string }> => {
  const [row] = await sql<{ sequence: number; occurredAt: string }>(
    tx,
    `insert into metered_resource as m (kind, resource_id, client_id, region_id, quantity, sequence)
    values ($1, $2, $3, $4, $5, $6)
    on conflict (kind, resource_id) do update set client_id = excluded.client_id, region_id = excluded.region_id,
      quantity = excluded.quantity, sequence = m.sequence + excluded.sequence, due = false
    returning sequence, clock_timestamp() "occurredAt"`,
    [one.kind, one.resourceId, one.clientId, one.regionId, one.quantity, events],
  );
  return row as { sequence: number; occurredAt: string };
};
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
