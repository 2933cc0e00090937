import {
  columns,
  em,
  Fault,
  integer,
  run,
  sql,
  table,
  violates,
  type NewRow,
  type Queryable,
  type Tx,
} from '@nefos/service-kit';
import { withoutUndefined } from '../../without-undefined.js';
import type { Page } from '../../lists/list-plan.js';
import type { ListSpec, Query } from '../../lists/list-query.js';
import { pageOf } from '../../lists/select-page.js';
import { CLIENT_STATUS, CREDIT_LIMIT, UPTODATE_CREDIT } from '../../owners/credit-sql.js';
import { clients, type Client as ClientTableRow, type Hold } from '../../owners/tables.js';

/** Ids of deleted clients: they are not given again. */
export const retiredClients = table('client_retired', { id: integer() }, { primary: ['id'] });

const SHOWN = [
  'id',
  'firstName',
  'lastName',
  'company',
  'email',
  'address1',
  'address2',
  'city',
  'state',
  'country',
  'zipCode',
  'phone',
  'fax',
  'vatId',
  'currency',
  'customFields',
  'externalBillingId',
  'autoOrderServiceExternalBillingId',
  'hasBillingAgreement',
  'taxExempt',
  'suspendInsteadOfTerminate',
  'outofcreditAt',
  'createdAt',
  'hold',
] as const satisfies readonly (keyof ClientTableRow)[];
/** A client as the domain sees it. Amounts are in its currency, with two decimals. */
export interface Client extends Pick<ClientTableRow, (typeof SHOWN)[number]> {
  /** 0: none. */
  resellerClient: number;
  status: Hold | 'active' | 'inactive';
  uptodateCredit: string;
  effectiveCreditLimit: string;
  /** The name of its configuration. */
  configuration: string;
  /** Whether that is the default one. */
  defaultConfiguration: boolean;
  /** Names, sorted. */
  groups: string[];
}
const COLUMNS = `${columns(clients, 'c', SHOWN)}, coalesce(c.reseller_client_id, 0) "resellerClient",
  ${CLIENT_STATUS} status, round(${UPTODATE_CREDIT}, 2)::text "uptodateCredit",
  round(${CREDIT_LIMIT}, 2)::text "effectiveCreditLimit",
  f.name configuration, f.is_default "defaultConfiguration",
  array(select g.name from client_group_member m join client_group g on g.id = m.group_id
    where m.client_id = c.id order by g.name) groups`;
const FROM = 'client c join configuration f on f.id = c.configuration_id';

const text = (column: string) => ({ sql: column, type: 'text' as const });
/** Fields of contract compute §3.1, and what the list shows. */
export const clientList: ListSpec = {
  select: COLUMNS,
  from: FROM,
  fields: {
    id: { sql: 'c.id', type: 'int' },
    status: text(CLIENT_STATUS),
    currency: text('c.currency'),
    country: text('c.country'),
    first_name: text('c.first_name'),
    last_name: text('c.last_name'),
    company: text('c.company'),
    email: text('c.email'),
    city: text('c.city'),
    state: text('c.state'),
    phone: text('c.phone'),
    vat_id: text('c.vat_id'),
    groups__name: {
      sql: 'g.name',
      type: 'text',
      exists:
        'select from client_group_member m join client_group g on g.id = m.group_id where m.client_id = c.id and %',
    },
    configuration__name: text('f.name'),
    external_billing_id: { ...text('c.external_billing_id'), plain: true },
    has_billing_agreement: { sql: 'c.has_billing_agreement', type: 'boolean' },
    date_created: { sql: 'c.created_at', type: 'time' },
  },
  search: ['c.first_name', 'c.last_name', 'c.company', 'c.email', 'c.phone', 'c.external_billing_id', 'c.id::text'],
  searchText: 'c.search_text',
  ordering: '-date_created',
  tie: 'c.id',
};
/** A page of clients. @param ids only these; null: all @throws Fault not_found/page, invalid/filter */
export const pageOfClients = (q: Queryable, query: Query, ids: readonly number[] | null): Promise<Page<Client>> =>
  pageOf<Client>(q, clientList, query, ids ? [{ sql: 'c.id = any($::int[])', values: [ids] }] : []);

/** SQL: amounts and the status are computed. */
export const findClient = async (q: Queryable, id: number): Promise<Client | undefined> =>
  (await sql<Client>(q, `select ${COLUMNS} from ${FROM} where c.id = $1::bigint`, [id]))[0];
/** Locks the client, so that changes of it are made one after the other. It is read after the lock. */
export const lockClient = async (tx: Tx, id: number): Promise<Client | undefined> => {
  await sql(tx, 'select from client where id = $1::bigint for update', [id]);
  return findClient(tx, id);
};

/** What a request can set of a client. */
export type ClientValues = Required<
  Pick<
    NewRow<typeof clients>,
    | 'firstName'
    | 'lastName'
    | 'company'
    | 'email'
    | 'address1'
    | 'address2'
    | 'city'
    | 'state'
    | 'country'
    | 'zipCode'
    | 'phone'
    | 'fax'
    | 'vatId'
    | 'currency'
    | 'configurationId'
    | 'customFields'
    | 'resellerClientId'
    | 'externalBillingId'
    | 'autoOrderServiceExternalBillingId'
  >
>;
const unlessNotUnique = (err: unknown): never => {
  throw violates(err, 'client_external_billing_id_key')
    ? new Fault('invalid', 'validation', { issues: [{ path: ['external_billing_id'], rule: 'unique' }] })
    : err;
};
/** @returns false when a client has the id, or had it @throws Fault invalid: the external id is taken */
export const insertClient = async (tx: Tx, id: number, v: ClientValues): Promise<boolean> => {
  if (await em(tx).existsBy(retiredClients, { id })) return false;
  const inserted = await run(
    tx,
    // SQL: TypeORM can not ignore the conflict of one key alone.
    `insert into client (id, first_name, last_name, company, email, address1, address2, city, state, country, zip_code,
      phone, fax, vat_id, currency, configuration_id, custom_fields, reseller_client_id, external_billing_id,
      auto_order_service_external_billing_id)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
    on conflict (id) do nothing`,
    [
      id,
      v.firstName,
      v.lastName,
      v.company,
      v.email,
      v.address1,
      v.address2,
      v.city,
      v.state,
      v.country,
      v.zipCode,
      v.phone,
      v.fax,
      v.vatId,
      v.currency,
      v.configurationId,
      JSON.stringify(v.customFields),
      v.resellerClientId,
      v.externalBillingId,
      v.autoOrderServiceExternalBillingId,
    ],
  ).catch(unlessNotUnique);
  return inserted === 1;
};
/** Changes the values that are given. @throws Fault invalid: the external id is taken */
export const updateClient = async (tx: Tx, id: number, changes: Partial<ClientValues>): Promise<void> => {
  const values = withoutUndefined(changes);
  if (Object.keys(values).length) await em(tx).update(clients, { id }, values).catch(unlessNotUnique);
};
export const holdClient = async (tx: Tx, id: number, hold: Hold | null): Promise<void> => {
  await em(tx).update(clients, { id }, { hold });
};
/**
 * Deletes the client with everything that belongs to it, and retires its id. A reseller's flavors become nobody's: they
 * are disabled.
 */
export const removeClient = async (tx: Tx, id: number): Promise<void> => {
  await run(
    tx,
    `with r as (select id from reseller_resources where client_id = $1 for update)
    update flavor set disabled = true where reseller_resources_id in (select id from r)`,
    [id],
  );
  await em(tx).update(clients, { resellerClientId: id }, { resellerClientId: null });
  await em(tx).delete(clients, { id });
  await run(tx, 'insert into client_retired (id) values ($1) on conflict do nothing', [id]);
};
/** Ids of clients that are being deleted. */
export const listDeletingClients = async (q: Queryable, limit: number): Promise<number[]> =>
  (
    await em(q).find(clients, { where: { hold: 'deleting' }, select: { id: true }, order: { id: 'asc' }, take: limit })
  ).map((row) => row.id);
/** Whether money has moved in the client's name, so that its currency is fixed. */
export const hasMoney = async (tx: Tx, clientId: number): Promise<boolean> =>
  (
    await sql(
      tx,
      `select 1 from client_credit where client_id = $1 and amount <> 0
      union all
      select 1 from service_cycle y join service s on s.id = y.service_id
        where s.client_id = $1 and y.status <> 'unpaid' limit 1`,
      [clientId],
    )
  ).length > 0;
/** How many clients there are, by hold; `none`: nothing holds them back. */
export const countClients = (q: Queryable): Promise<{ value: string; count: number }[]> =>
  sql(q, `select coalesce(hold, 'none') value, count(*)::int count from client group by 1`);
