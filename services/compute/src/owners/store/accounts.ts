import type { MeteringEvent } from '@nefos/contracts';
import { publish, sql, type Tx } from '@nefos/service-kit';

/** The account that pays, as every event to metering names it. */
export interface EventAccount {
  /** The client's id. */
  number: string;
  name: string;
  /** Its users at identity, at most 1000. */
  identities: string[];
}
/** @returns undefined: no such client */
export const eventAccount = async (tx: Tx, clientId: number): Promise<EventAccount | undefined> =>
  (
    await sql<EventAccount>(
      tx,
      // SQL: the name is computed, the users are a subquery.
      `select c.id::text number, left(c.first_name || ' ' || c.last_name, 256) name,
        array(select u.uuid::text from client_user m join portal_user u on u.id = m.user_id
          where m.client_id = c.id and u.deleted_at is null order by u.id limit 1000) identities
      from client c where c.id = $1`,
      [clientId],
    )
  )[0];

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
  const account = await eventAccount(tx, clientId);
  if (row && account)
    await publish(
      tx,
      `account:${clientId}`,
      (id) =>
        ({ id, type, sequence: Number(row.sequence), occurred_at: now.toISOString(), account }) satisfies MeteringEvent,
    );
};
