import { run, sql, type Queryable, type Tx } from '@nefos/service-kit';
import { unlessUserGone } from '../gone-user.js';

export interface StoredReply {
  status: number;
  body: unknown;
  headers: Record<string, string>;
}
interface Key {
  userId: number;
  key: string;
  fingerprint: Buffer;
}
export const findReply = async (
  q: Queryable,
  { userId, key }: Key,
  since: Date,
): Promise<{ fingerprint: Buffer; reply: StoredReply | undefined } | undefined> => {
  const [row] = await sql<{
    fingerprint: Buffer;
    status: number | null;
    body: unknown;
    headers: Record<string, string> | null;
  }>(
    q,
    'select fingerprint, status, body, headers from idempotency_key where user_id = $1 and key = $2 and created_at > $3',
    [userId, key, since],
  );
  return (
    row && {
      fingerprint: row.fingerprint,
      reply: row.status === null ? undefined : { status: row.status, body: row.body, headers: row.headers ?? {} },
    }
  );
};
/** Waits for a transaction that claims the same key. @returns false when the key is taken @throws Fault unauthenticated: the user is deleted */
export const claimKey = async (tx: Tx, { userId, key, fingerprint }: Key, now: Date, since: Date): Promise<boolean> =>
  (await run(
    tx,
    `insert into idempotency_key as k (user_id, key, fingerprint, created_at) values ($1, $2, $3, $4)
  on conflict (user_id, key) do update set fingerprint = excluded.fingerprint, created_at = excluded.created_at, status = null, body = null, headers = null where k.created_at <= $5`,
    [userId, key, fingerprint, now, since],
  ).catch(unlessUserGone())) === 1;
/** As text that keeps its order, so that it is written again byte for byte. */
export const storeReply = async (
  tx: Tx,
  { userId, key }: Key,
  { status, body, headers }: StoredReply,
): Promise<void> => {
  await run(
    tx,
    'update idempotency_key set status = $3, body = $4::json, headers = $5::json where user_id = $1 and key = $2',
    [userId, key, status, JSON.stringify(body ?? null), JSON.stringify(headers)],
  );
};
export const deleteOldKeys = (q: Queryable, before: Date): Promise<number> =>
  run(
    q,
    'delete from idempotency_key where (user_id, key) in (select user_id, key from idempotency_key where created_at < $1 limit 5000)',
    [before],
  );
