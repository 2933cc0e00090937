import {
  bytea,
  columns,
  instant,
  integer,
  json,
  nullable,
  run,
  sql,
  table,
  text,
  withDefault,
  type Queryable,
  type Row,
  type Tx,
} from '@nefos/service-kit';
import { unlessUserGone } from '../gone-user.js';

/** Keys of requests that took effect, with their answers. */
export const idempotencyKeys = table(
  'idempotency_key',
  {
    userId: integer(),
    key: text(),
    fingerprint: bytea(),
    status: nullable(integer()),
    body: nullable(json()),
    headers: nullable(json<Record<string, string>>()),
    createdAt: withDefault(instant()),
  },
  { primary: ['userId', 'key'] },
);
type IdempotencyKey = Row<typeof idempotencyKeys>;
/** The request that a key stands for. */
type Key = Pick<IdempotencyKey, 'userId' | 'key' | 'fingerprint'>;

export interface StoredReply {
  status: number;
  body: unknown;
  headers: Record<string, string>;
}
const FOUND = columns(idempotencyKeys, undefined, ['fingerprint', 'status', 'body', 'headers']);
/** What is stored for a key that was claimed after `since`. */
export const findReply = async (
  q: Queryable,
  { userId, key }: Key,
  since: Date,
): Promise<{ fingerprint: Buffer; reply: StoredReply | undefined } | undefined> => {
  const [row] = await sql<Pick<IdempotencyKey, 'fingerprint' | 'status' | 'body' | 'headers'> & { bare: boolean }>(
    q,
    // SQL: every request with a key asks this.
    `select ${FOUND}, body is null bare from idempotency_key where user_id = $1 and key = $2 and created_at > $3`,
    [userId, key, since],
  );
  return (
    row && {
      fingerprint: row.fingerprint,
      reply:
        row.status === null
          ? undefined
          : { status: row.status, body: row.bare ? undefined : row.body, headers: row.headers ?? {} },
    }
  );
};
/**
 * Claims the key, or claims it anew when it is no longer remembered. Waits for a transaction that claims the same key.
 * @param since keys that were claimed before it are forgotten
 * @returns false when the key is taken
 * @throws Fault unauthenticated: the user is deleted
 */
export const claimKey = async (tx: Tx, { userId, key, fingerprint }: Key, now: Date, since: Date): Promise<boolean> =>
  (await run(
    tx,
    `insert into idempotency_key as k (user_id, key, fingerprint, created_at) values ($1, $2, $3, $4)
    on conflict (user_id, key) do update
      set fingerprint = excluded.fingerprint, created_at = excluded.created_at,
        status = null, body = null, headers = null
      where k.created_at <= $5`,
    [userId, key, fingerprint, now, since],
  ).catch(unlessUserGone())) === 1;
/** Stores the answer as text of type json, which keeps its order: it is written again byte for byte. */
export const storeReply = async (
  tx: Tx,
  { userId, key }: Key,
  { status, body, headers }: StoredReply,
): Promise<void> => {
  // SQL: TypeORM would store null for a body that is JSON's null; an answer without a body has SQL's.
  await run(
    tx,
    'update idempotency_key set status = $3, body = $4::json, headers = $5::json where user_id = $1 and key = $2',
    [userId, key, status, body === undefined ? null : JSON.stringify(body), JSON.stringify(headers)],
  );
};
/** @returns how many were deleted: at most one portion */
export const deleteOldKeys = (q: Queryable, before: Date): Promise<number> =>
  run(
    q,
    `delete from idempotency_key where (user_id, key) in
      (select user_id, key from idempotency_key where created_at < $1 limit 5000)`,
    [before],
  );
