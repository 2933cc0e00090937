import { columns, sql, type Queryable } from '@nefos/service-kit';
import { CLIENT_STATUS, CREDIT_LIMIT, UPTODATE_CREDIT } from '../../owners/credit-sql.js';
import { clients, type Client } from '../../owners/tables.js';

/** A client that may have to be invoiced. Amounts are in its currency, with two decimals. */
export interface InvoiceCandidate extends Pick<Client, 'id' | 'externalBillingId' | 'currency'> {
  uptodateCredit: string;
  effectiveCreditLimit: string;
  /** Whether a period of one of its services ended lately. */
  recentlyEnded: boolean;
  belowLimit: boolean;
}
export interface CandidateFilter {
  statuses: readonly string[];
  external?: boolean | undefined;
  agreement?: boolean | undefined;
  creditMax?: string | undefined;
  belowLimit?: boolean;
  externalIds?: readonly string[];
  endedAfter: Date;
}
const MAX_CLIENTS = 10_000;

/** Clients that match the filter, lowest id first. */
export const listInvoiceCandidates = (q: Queryable, f: CandidateFilter): Promise<InvoiceCandidate[]> =>
  sql(
    q,
    // SQL: status and amounts are computed.
    `select ${columns(clients, 'x', ['id', 'externalBillingId', 'currency'])},
      round(uptodate, 2)::text "uptodateCredit", round(credit_limit, 2)::text "effectiveCreditLimit",
      uptodate < credit_limit "belowLimit",
      exists (select from service s join service_cycle y on y.service_id = s.id
        where s.client_id = x.id and y.end_at between $6 and $7) "recentlyEnded"
    from (
      select c.id, c.external_billing_id, c.currency, ${CLIENT_STATUS} status, ${UPTODATE_CREDIT} uptodate,
        ${CREDIT_LIMIT} credit_limit
      from client c join configuration f on f.id = c.configuration_id
      where ($2::boolean is null or (c.external_billing_id is not null) = $2)
        and ($3::boolean is null or c.has_billing_agreement = $3)
        and ($5::text[] is null or c.external_billing_id = any($5))) x
    where status = any($1) and ($4::numeric is null or uptodate <= $4)
      and ($8::boolean is not true or uptodate < credit_limit)
    order by id limit ${MAX_CLIENTS}`,
    [
      f.statuses,
      f.external ?? null,
      f.agreement ?? null,
      f.creditMax ?? null,
      f.externalIds ?? null,
      f.endedAfter,
      new Date(f.endedAfter.getTime() + 72 * 3_600_000),
      f.belowLimit ?? false,
    ],
  );
/**
 * What the client has to pay to reach its limit, in its currency; null: nothing.
 * @param paid what it is asked to pay already, in `currency`; null: in its own
 */
export const necessaryCredit = async (
  q: Queryable,
  clientId: number,
  paid: string,
  currency: string | null,
): Promise<string | null> =>
  (
    await sql<{ missing: string | null }>(
      q,
      `select case when missing > 0 then round(missing, 2)::text end missing from (
        select ${CREDIT_LIMIT} - ${UPTODATE_CREDIT}
          - $2::numeric * (select rate from currency where code = c.currency) / coalesce(
              (select rate from currency where code = $3), (select rate from currency where code = c.currency)) missing
        from client c join configuration f on f.id = c.configuration_id where c.id = $1) x`,
      [clientId, paid, currency],
    )
  )[0]?.missing ?? null;
