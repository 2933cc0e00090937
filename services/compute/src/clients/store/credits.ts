import { sql, type Queryable } from '@nefos/service-kit';

export interface CreditRow {
  currency: string;
  amount: string;
  uptodate_amount: string;
}
export const listCredits = (q: Queryable, clientId: number) =>
  sql<CreditRow>(
    q,
    `select k.currency, round(k.amount, 2)::text amount,
    round(k.amount - coalesce((select sum(y.total) from service_cycle y join service s on s.id = y.service_id where s.client_id = k.client_id and y.status = 'unpaid' and y.currency = k.currency), 0), 2)::text uptodate_amount
  from client_credit k where k.client_id = $1 order by k.currency`,
    [clientId],
  );
