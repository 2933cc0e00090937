import { sql, type Queryable, type Tx } from '@nefos/service-kit';

/** Sets what is given; every change is a new revision. SQL: on conflict. */
export const writeLabel = async (
  tx: Tx,
  id: string,
  { description, tags }: { description?: string | undefined; tags?: readonly string[] | undefined },
): Promise<void> => {
  await sql(
    tx,
    `insert into network_label (id, description, tags) values ($1, coalesce($2, ''), coalesce($3::text[], '{}'))
    on conflict (id) do update set description = coalesce($2, network_label.description),
      tags = coalesce($3::text[], network_label.tags), revision = network_label.revision + 1, updated_at = now()`,
    [id, description ?? null, tags ?? null],
  );
};
/** Tags, locked until the transaction ends. SQL: a lock. */
export const lockTags = async (tx: Tx, id: string): Promise<string[]> => {
  await sql(tx, 'insert into network_label (id) values ($1) on conflict do nothing', [id]);
  const [row] = await sql<{ tags: string[] }>(tx, 'select tags from network_label where id = $1 for update', [id]);
  return row?.tags ?? [];
};
export const findTags = async (q: Queryable, id: string): Promise<string[]> =>
  (await sql<{ tags: string[] }>(q, 'select tags from network_label where id = $1', [id]))[0]?.tags ?? [];
