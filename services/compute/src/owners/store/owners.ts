import { sql, type Queryable, type Tx } from '@nefos/service-kit';
import { UPTODATE_CREDIT } from '../credit-sql.js';

export interface OwnerRow {
  hold: 'suspending' | 'suspended' | 'deleting' | null;
  currency: string;
  requiredCredit: string;
  projectId: string | null;
  serviceActive: boolean;
}
/** Who an instance is to be made for. The client can not be suspended or removed until this transaction ends. */
export const shareOwner = async (tx: Tx, clientId: number): Promise<OwnerRow | undefined> =>
  (
    await sql<OwnerRow>(
      tx,
      `
  select c.hold, c.currency, round(case when c.has_billing_agreement then f.required_credit_agreement else f.required_credit end * k.rate, 2)::text "requiredCredit",
    p.id "projectId", coalesce(s.status = 'active', false) "serviceActive"
  from client c join configuration f on f.id = c.configuration_id join currency k on k.code = c.currency
    left join service s on s.client_id = c.id and s.product_type = 'openstack' and s.status in ('pending', 'active', 'suspended')
    left join project p on p.service_id = s.id and not p.disabled
  where c.id = $1 for share of c`,
      [clientId],
    )
  )[0];
/** What holds a client back; it can not change until this transaction ends. */
export const shareHold = async (tx: Tx, clientId: number): Promise<OwnerRow['hold']> =>
  (await sql<{ hold: OwnerRow['hold'] }>(tx, 'select hold from client where id = $1 for share', [clientId]))[0]?.hold ??
  null;
/** What the client can still spend in its own currency, with two decimals (contract compute §9.2). */
export const availableCredit = async (q: Queryable, clientId: number): Promise<string> =>
  (
    await sql<{ credit: string }>(q, `select round(${UPTODATE_CREDIT}, 2)::text credit from client c where c.id = $1`, [
      clientId,
    ])
  )[0]?.credit ?? '0.00';
/** One after the other: whoever reserves quota of a project. */
export const lockProject = async (tx: Tx, projectId: string): Promise<void> => {
  await sql(tx, 'select 1 from project where id = $1 for update', [projectId]);
};
