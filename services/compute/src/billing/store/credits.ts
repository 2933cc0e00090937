import { run, sql, type Queryable, type Tx } from '@nefos/service-kit';
import { CREDIT_LIMIT, UPTODATE_CREDIT } from '../../owners/credit-sql.js';

// SQL: amounts are computed in the statements, and many rows are written at once.

/** Adds to the credit in one statement, so that concurrent ones all count. @returns the new balance */
export const addCredit = async (tx: Tx, clientId: number, currency: string, amount: string): Promise<string> =>
  (
    await sql<{ balance: string }>(
      tx,
      `insert into client_credit as k (client_id, currency, amount) values ($1, $2, $3::numeric)
      on conflict (client_id, currency) do update set amount = k.amount + excluded.amount
      returning round(amount, 2)::text balance`,
      [clientId, currency, amount],
    )
  )[0]?.balance as string;
/** A client's credit less its unpaid cycles, in its currency, and since when that is below its limit. */
export interface UptodateCredit {
  uptodateCredit: string;
  outofcreditAt: string | null;
}
/**
 * Notes since when the client's up-to-date credit is strictly below its limit; null when it is not (contract compute
 * §9.3). The limit is in the currency with rate 1.
 */
export const noteOutOfCredit = async (tx: Tx, clientId: number, now: Date): Promise<UptodateCredit | undefined> =>
  (
    await sql<UptodateCredit>(
      tx,
      `with x as (
        select c.id, ${UPTODATE_CREDIT} credit, ${CREDIT_LIMIT} * k.rate credit_limit
        from client c join configuration f on f.id = c.configuration_id join currency k on k.code = c.currency
        where c.id = $1)
      update client c set outofcredit_at = case when x.credit < x.credit_limit
        then coalesce(c.outofcredit_at, $2::timestamptz) end
      from x where c.id = x.id
      returning round(x.credit, 2)::text "uptodateCredit", c.outofcredit_at "outofcreditAt"`,
      [clientId, now],
    )
  )[0];
/** What the unpaid cycles cost, in the client's currency. */
export const sumUnpaid = async (q: Queryable, clientId: number): Promise<string> =>
  (
    await sql<{ price: string }>(
      q,
      `select round(coalesce(sum(y.total / k.rate), 0) * max(own.rate), 2)::text price
      from client c join currency own on own.code = c.currency
        left join service s on s.client_id = c.id
        left join service_cycle y on y.service_id = s.id and y.status = 'unpaid'
        left join currency k on k.code = y.currency
      where c.id = $1`,
      [clientId],
    )
  )[0]?.price ?? '0.00';

/**
 * Notes which clients have a billing agreement; ids that no client has are skipped.
 * @param agreements.uuid the external id
 */
export const setAgreements = async (
  tx: Tx,
  agreements: readonly { uuid: string; agreement: boolean }[],
): Promise<void> => {
  await run(
    tx,
    `update client c set has_billing_agreement = a.agreement
    from unnest($1::text[], $2::boolean[]) a(id, agreement) where c.external_billing_id = a.id`,
    [agreements.map((a) => a.uuid), agreements.map((a) => a.agreement)],
  );
};
/** Makes invoiced periods of a service unpaid again; others of these ids stay as they are. @returns how many were */
export const resetPeriods = (tx: Tx, serviceId: number, ids: readonly number[]): Promise<number> =>
  run(
    tx,
    `update service_cycle set status = 'unpaid'
    where service_id = $1 and id = any($2::bigint[]) and status = 'invoiced'`,
    [serviceId, ids],
  );
/**
 * Makes every unpaid period of the client that is over `invoiced`.
 * @returns those that are not settled, at most 1000
 */
export const invoicePeriods = async (
  tx: Tx,
  clientId: number,
  now: Date,
): Promise<{ id: number; serviceId: number }[]> => {
  await run(
    tx,
    `update service_cycle y set status = 'invoiced' from service s
    where s.id = y.service_id and s.client_id = $1 and y.status = 'unpaid' and y.end_at <= $2`,
    [clientId, now],
  );
  return sql(
    tx,
    `select y.id::float8, y.service_id "serviceId" from service_cycle y join service s on s.id = y.service_id
    where s.client_id = $1 and y.status = 'invoiced' order by y.id limit 1000`,
    [clientId],
  );
};
