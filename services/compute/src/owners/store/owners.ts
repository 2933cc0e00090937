import { columns, prepared, sql, type Queryable, type Tx } from '@nefos/service-kit';
import { UPTODATE_CREDIT } from '../credit-sql.js';
import { clients, type Client, type Hold } from '../tables.js';

// SQL: each statement locks rows or computes an amount.

/** The client that an instance is made for, with its active project. */
export interface Owner extends Pick<Client, 'hold' | 'currency'> {
  /** Credit that it must have before it creates an instance, in its currency. */
  requiredCredit: string;
  /** null: it has no OpenStack service, or its project is disabled. */
  projectId: string | null;
  serviceActive: boolean;
}
/** The client's row is share-locked: it can not be suspended or deleted until this transaction ends. */
export const shareLockOwner = async (tx: Tx, clientId: number): Promise<Owner | undefined> =>
  (
    await prepared<Owner>(
      tx,
      `select ${columns(clients, 'c', ['hold', 'currency'])},
        round(k.rate * case when c.has_billing_agreement
          then f.required_credit_agreement else f.required_credit end, 2)::text "requiredCredit",
        p.id "projectId", coalesce(s.status = 'active', false) "serviceActive"
      from client c join configuration f on f.id = c.configuration_id join currency k on k.code = c.currency
        left join service s on s.client_id = c.id and s.product_type = 'openstack'
          and s.status in ('pending', 'active', 'suspended')
        left join project p on p.service_id = s.id and not p.disabled
      where c.id = $1 for share of c`,
      [clientId],
    )
  )[0];
/** What holds the client back. Its row is share-locked: this does not change until the transaction ends. */
export const shareLockHold = async (tx: Tx, clientId: number): Promise<Hold | null> =>
  (await prepared<{ hold: Hold | null }>(tx, 'select hold from client where id = $1 for share', [clientId]))[0]?.hold ??
  null;
/** What the client can still spend, in its currency with two decimals (contract compute §9.2). */
export const availableCredit = async (q: Queryable, clientId: number): Promise<string> =>
  (
    await prepared<{ credit: string }>(
      q,
      `select round(${UPTODATE_CREDIT}, 2)::text credit from client c where c.id = $1`,
      [clientId],
    )
  )[0]?.credit ?? '0.00';
/** Projects of the clients' services, ended ones too. */
export const listProjectIds = async (q: Queryable, clientIds: readonly number[]): Promise<string[]> =>
  (
    await sql<{ id: string }>(
      q,
      `select j.id from project j join service s on s.id = j.service_id where s.client_id = any($1::int[])
      order by j.id limit 10000`,
      [clientIds],
    )
  ).map(({ id }) => id);
export const projectExists = async (q: Queryable, id: string): Promise<boolean> =>
  (await sql(q, 'select 1 from project where id = $1', [id])).length > 0;
/** Locks the project, so that reservations of its quota are made one after the other. */
export const lockProject = async (tx: Tx, projectId: string): Promise<void> => {
  await sql(tx, 'select 1 from project where id = $1 for update', [projectId]);
};
