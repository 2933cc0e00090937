import { sql, type Queryable } from '@nefos/service-kit';

/** What a client has in one currency, with two decimals. */
export interface Credit {
  currency: string;
  amount: string;
  /** Less what the unpaid cycles in that currency cost. */
  uptodateAmount: string;
}
/** SQL: sums over the services' cycles. */
export const listCredits = (q: Queryable, clientId: number): Promise<Credit[]> =>
  sql(
    q,
    `select k.currency, round(k.amount, 2)::text amount, round(k.amount - coalesce((
        select sum(y.total) from service_cycle y join service s on s.id = y.service_id
        where s.client_id = k.client_id and y.status = 'unpaid' and y.currency = k.currency), 0), 2)::text
        "uptodateAmount"
      from client_credit k where k.client_id = $1 order by k.currency`,
    [clientId],
  );
