import { bytea, instant, run, table, uuid, withDefault, type Queryable, type Tx } from '@nefos/service-kit';

/** Keys of starts that took effect. */
export const idempotencyKeys = table(
  'idempotency_key',
  { keyHash: bytea(), nodeUuid: uuid(), usedAt: withDefault(instant()) },
  { primary: ['keyHash'] },
);
/** SQL: once. @returns whether it was not there yet */
export const insertKey = async (tx: Tx, keyHash: Buffer, nodeUuid: string): Promise<boolean> =>
  (await run(tx, 'insert into idempotency_key (key_hash, node_uuid) values ($1, $2) on conflict do nothing', [
    keyHash,
    nodeUuid,
  ])) > 0;
/** SQL: a portion of what is older. @returns how many */
export const deleteOldKeys = (q: Queryable, hours: number): Promise<number> =>
  run(
    q,
    `delete from idempotency_key where key_hash in (
      select key_hash from idempotency_key where used_at < now() - make_interval(hours => $1)
        order by used_at limit 1000)`,
    [hours],
  );
