// SQL of how a client stands, for every statement where the client is `c` and its configuration `f`.

/** What holds the client back, otherwise whether it has an active service. */
export const CLIENT_STATUS = `coalesce(c.hold, case when exists (
    select from service s where s.client_id = c.id and s.status = 'active') then 'active' else 'inactive' end)`;
/** All the client's credit less the price of its unpaid cycles, in the client's currency (contract compute §9.2). */
export const UPTODATE_CREDIT = `coalesce((select sum(a.amount / k.rate) from (
    select currency, amount from client_credit where client_id = c.id
    union all
    select y.currency, -y.total from service_cycle y join service s on s.id = y.service_id
      where s.client_id = c.id and y.status = 'unpaid') a
  join currency k on k.code = a.currency), 0) * (select rate from currency where code = c.currency)`;
export const CREDIT_LIMIT = 'case when c.has_billing_agreement then f.credit_limit_agreement else f.credit_limit end';
