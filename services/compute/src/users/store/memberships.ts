import { sql, type Queryable, type Tx } from '@nefos/service-kit';

/** Replaces the user's clients. @returns ids of those that were added or removed */
export const setClients = async (tx: Tx, userId: number, clientIds: readonly number[]): Promise<number[]> => {
  const removed = await sql<{ clientId: number }>(
    tx,
    'delete from client_user where user_id = $1 and client_id <> all($2) returning client_id "clientId"',
    [userId, clientIds],
  );
  // SQL: many rows at once, in the order given.
  const added = await sql<{ clientId: number }>(
    tx,
    `insert into client_user (client_id, user_id)
    select w.id, $1 from unnest($2::int[]) with ordinality w(id, at) order by at
    on conflict do nothing returning client_id "clientId"`,
    [userId, clientIds],
  );
  return [...removed, ...added].map((row) => row.clientId);
};
/** @returns the ids that no client has */
export const missingClients = async (q: Queryable, clientIds: readonly number[]): Promise<string[]> =>
  (
    await sql<{ id: string }>(
      q,
      `select w.id::text from unnest($1::bigint[]) w(id)
      where not exists (select from client c where c.id = w.id) order by w.id`,
      [clientIds],
    )
  ).map((row) => row.id);
/** Full names of clients, in the order of the ids. */
export const findClientNames = (q: Queryable, clientIds: readonly number[]): Promise<{ id: number; name: string }[]> =>
  sql(
    q,
    `select id, first_name || ' ' || last_name "name" from client where id = any($1) order by array_position($1, id)`,
    [clientIds],
  );
