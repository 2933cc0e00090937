import { run, sql, type Queryable, type Tx } from '@nefos/service-kit';

/** Adds to the credit in one statement, so that many at once all count. @returns the new balance */
export const addCredit = async (tx: Tx, clientId: number, currency: string, amount: string): Promise<string> =>
  (
    await sql<{ balance: string }>(
      tx,
      `insert into client_credit as k (client_id, currency, amount) values ($1, $2, $3::numeric)
    on conflict (client_id, currency) do update set amount = k.amount + excluded.amount returning round(amount, 2)::text balance`,
      [clientId, currency, amount],
    )
  )[0]?.balance as string;
/** Cost of the unpaid cycles in the client's currency. */
export const sumUnpaid = async (q: Queryable, clientId: number): Promise<string> =>
  (
    await sql<{ price: string }>(
      q,
      `select round(coalesce(sum(y.total / k.rate), 0) * max(own.rate), 2)::text price
  from client c join currency own on own.code = c.currency left join service s on s.client_id = c.id left join service_cycle y on y.service_id = s.id and y.status = 'unpaid' left join currency k on k.code = y.currency where c.id = $1`,
      [clientId],
    )
  )[0]?.price ?? '0.00';

/** Marks what external billing knows as agreed; unknown ones are passed over. */
export const setAgreements = async (
  tx: Tx,
  agreements: readonly { uuid: string; agreement: boolean }[],
): Promise<void> => {
  await run(
    tx,
    'update client c set has_billing_agreement = a.agreement from unnest($1::text[], $2::boolean[]) a(id, agreement) where c.external_billing_id = a.id',
    [agreements.map((a) => a.uuid), agreements.map((a) => a.agreement)],
  );
};
/** Ends every open period of the client that is over: it becomes `invoiced`; what is not settled yet is told. */
export const invoicePeriods = async (
  tx: Tx,
  clientId: number,
  now: Date,
): Promise<{ id: string; service_id: number }[]> => {
  await run(
    tx,
    `update service_cycle y set status = 'invoiced' from service s where s.id = y.service_id and s.client_id = $1 and y.status = 'unpaid' and y.end_at <= $2`,
    [clientId, now],
  );
  return sql(
    tx,
    `select y.id, y.service_id from service_cycle y join service s on s.id = y.service_id where s.client_id = $1 and y.status = 'invoiced' order by y.id limit 1000`,
    [clientId],
  );
};
