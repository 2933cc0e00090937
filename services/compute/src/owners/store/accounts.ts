import type { MeteringEvent } from '@nefos/contracts';
import { prepared, publish, sql, type Tx } from '@nefos/service-kit';

/** The account that pays, as every event to metering names it. */
export interface EventAccount {
  /** The client's id. */
  number: string;
  name: string;
  /** Its users at identity, at most 1000. */
  identities: string[];
}
/** By client. */
const eventAccounts = async (tx: Tx, clientIds: readonly number[]): Promise<Map<number, EventAccount>> =>
  new Map(
    (
      await prepared<EventAccount>(
        tx,
        // SQL: the name is computed, the users are a subquery.
        `select c.id::text number, left(c.first_name || ' ' || c.last_name, 256) name,
        array(select u.uuid::text from client_user m join portal_user u on u.id = m.user_id
          where m.client_id = c.id and u.deleted_at is null order by u.id limit 1000) identities
      from client c where c.id = any($1::int[])`,
        [clientIds],
      )
    ).map((one) => [Number(one.number), one]),
  );
/** The accounts of clients; of one that is gone its number alone. */
export const payers = async (tx: Tx, clientIds: readonly number[]): Promise<(clientId: number) => EventAccount> => {
  const found = await eventAccounts(tx, [...new Set(clientIds)]);
  return (clientId) => found.get(clientId) ?? { number: String(clientId), name: '', identities: [] };
};

/**
 * Publishes that the client's name or users changed, or that it is deleted, in this transaction. Before the row of the
 * client is deleted.
 * @param now the time of the event
 */
export const publishAccount = async (
  tx: Tx,
  clientId: number,
  type: 'account.updated' | 'account.deleted',
  now: Date,
): Promise<void> => {
  const [row] = await sql<{ sequence: string }>(
    tx,
    'update client set event_sequence = event_sequence + 1 where id = $1 returning event_sequence sequence',
    [clientId],
  );
  const account = (await eventAccounts(tx, [clientId])).get(clientId);
  if (row && account)
    await publish(
      tx,
      `account:${clientId}`,
      (id) =>
        ({ id, type, sequence: Number(row.sequence), occurred_at: now.toISOString(), account }) satisfies MeteringEvent,
    );
};
