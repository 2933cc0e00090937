import { run, sql, violates, Fault, type Queryable, type Tx } from '@nefos/service-kit';
import { unlessUserGone } from '../../access/gone-user.js';
import type { ListSpec } from '../../lists/list-query.js';
import { CLIENT_STATUS, CREDIT_LIMIT, UPTODATE_CREDIT } from '../../owners/credit-sql.js';

const COLUMNS = `c.id, c.first_name, c.last_name, c.company, c.email, c.address1, c.address2, c.city, c.state, c.country, c.zip_code, c.phone, c.fax, c.vat_id, c.currency, c.custom_fields,
  coalesce(c.reseller_client_id, 0) reseller_client, c.external_billing_id, c.auto_order_service_external_billing_id, c.has_billing_agreement, c.tax_exempt, c.suspend_instead_of_terminate, c.outofcredit_at, c.created_at, c.hold,
  ${CLIENT_STATUS} status, round(${UPTODATE_CREDIT}, 2)::text uptodate_credit, round(${CREDIT_LIMIT}, 2)::text effective_credit_limit, f.name configuration, f.is_default default_configuration,
  array(select g.name from client_group_member m join client_group g on g.id = m.group_id where m.client_id = c.id order by g.name) groups`;
const FROM = 'client c join configuration f on f.id = c.configuration_id';

/** Columns that can be written; names are those of the table. */
export interface ClientValues {
  first_name: string;
  last_name: string;
  company: string | null;
  email: string;
  address1: string;
  address2: string | null;
  city: string;
  state: string | null;
  country: string;
  zip_code: string;
  phone: string;
  fax: string | null;
  vat_id: string | null;
  currency: string;
  configuration_id: number;
  custom_fields: { name: string; value: string | null }[];
  reseller_client_id: number | null;
  external_billing_id: string | null;
  auto_order_service_external_billing_id: string | null;
}
/** A client as it is read: what can be written, under the names of lists and forms, and what is reckoned from it. */
export interface ClientRow extends Omit<ClientValues, 'configuration_id' | 'reseller_client_id'> {
  id: number;
  reseller_client: number;
  has_billing_agreement: boolean;
  tax_exempt: boolean;
  suspend_instead_of_terminate: boolean;
  outofcredit_at: string | null;
  created_at: string;
  hold: 'suspending' | 'suspended' | 'deleting' | null;
  status: 'active' | 'inactive' | 'suspending' | 'suspended' | 'deleting';
  uptodate_credit: string;
  effective_credit_limit: string;
  configuration: string;
  default_configuration: boolean;
  groups: string[];
}
const WRITABLE = [
  'first_name',
  'last_name',
  'company',
  'email',
  'address1',
  'address2',
  'city',
  'state',
  'country',
  'zip_code',
  'phone',
  'fax',
  'vat_id',
  'currency',
  'configuration_id',
  'custom_fields',
  'reseller_client_id',
  'external_billing_id',
  'auto_order_service_external_billing_id',
] as const satisfies readonly (keyof ClientValues)[];
const stored = (values: Partial<ClientValues>) =>
  WRITABLE.filter((name) => values[name] !== undefined).map(
    (name) => [name, name === 'custom_fields' ? JSON.stringify(values[name]) : values[name]] as const,
  );
const unique = (err: unknown): never => {
  throw violates(err, 'client_external_billing_id_key')
    ? new Fault('invalid', 'validation', { issues: [{ path: ['external_billing_id'], rule: 'unique' }] })
    : err;
};

const text = (sqlName: string) => ({ sql: sqlName, type: 'text' as const });
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

export const findClient = async (q: Queryable, id: number): Promise<ClientRow | undefined> =>
  (await sql<ClientRow>(q, `select ${COLUMNS} from ${FROM} where c.id = $1::bigint`, [id]))[0];
/** Holds the row: what changes a client as a whole goes one after the other. */
export const lockClient = async (tx: Tx, id: number): Promise<ClientRow | undefined> => {
  await sql(tx, 'select from client where id = $1::bigint for update', [id]);
  return findClient(tx, id);
};
/** @returns false when the id is taken, or was once */
export const insertClient = async (tx: Tx, id: number, values: ClientValues): Promise<boolean> => {
  if ((await sql(tx, 'select 1 from client_retired where id = $1', [id])).length) return false;
  const pairs = stored(values);
  return (
    (await run(
      tx,
      `insert into client (id, ${pairs.map(([name]) => name).join(', ')}) values ($1, ${pairs.map((_, i) => `$${i + 2}`).join(', ')}) on conflict (id) do nothing`,
      [id, ...pairs.map(([, value]) => value)],
    ).catch(unique)) === 1
  );
};
export const updateClient = async (tx: Tx, id: number, values: Partial<ClientValues>): Promise<void> => {
  const pairs = stored(values);
  if (pairs.length)
    await run(tx, `update client set ${pairs.map(([name], i) => `${name} = $${i + 2}`).join(', ')} where id = $1`, [
      id,
      ...pairs.map(([, value]) => value),
    ]).catch(unique);
};
export const holdClient = async (tx: Tx, id: number, hold: ClientRow['hold']): Promise<void> => {
  await run(tx, 'update client set hold = $2 where id = $1', [id, hold]);
};
/** With everything that belongs to it; its id is used up. */
export const removeClient = async (tx: Tx, id: number): Promise<void> => {
  await run(tx, 'update client set reseller_client_id = null where reseller_client_id = $1', [id]);
  await run(tx, 'delete from client where id = $1', [id]);
  await run(tx, 'insert into client_retired (id) values ($1) on conflict do nothing', [id]);
};
export const listDeletingClients = async (q: Queryable, limit: number): Promise<number[]> =>
  (await sql<{ id: number }>(q, `select id from client where hold = 'deleting' order by id limit $1`, [limit])).map(
    (row) => row.id,
  );

/** Which of the things that a client refers to are there. */
export const findReferences = async (
  q: Queryable,
  {
    currency,
    configuration,
    groups,
    reseller,
  }: { currency: string | null; configuration: string | null; groups: readonly string[]; reseller: number | null },
) =>
  (
    await sql<{
      currency: string | null;
      configuration_id: number | null;
      reseller_id: number | null;
      groups: { id: number; name: string }[];
    }>(
      q,
      `select
    (select code from currency where case when $1::text is null then is_default else code = $1 end) currency,
    (select id from configuration where case when $2::text is null then is_default else name = $2 end) configuration_id,
    (select id from client where id = $4::bigint) reseller_id,
    coalesce((select json_agg(json_build_object('id', id, 'name', name)) from client_group where name = any($3) or id::text = any($3)), '[]') groups`,
      [currency, configuration, groups, reseller],
    )
  )[0] as {
    currency: string | null;
    configuration_id: number | null;
    reseller_id: number | null;
    groups: { id: number; name: string }[];
  };
export const setGroups = async (tx: Tx, clientId: number, groupIds: readonly number[]): Promise<void> => {
  await run(tx, 'delete from client_group_member where client_id = $1 and group_id <> all($2)', [clientId, groupIds]);
  await run(
    tx,
    'insert into client_group_member (client_id, group_id) select $1, unnest($2::int[]) on conflict do nothing',
    [clientId, groupIds],
  );
};
/** Whether money has moved in the client's name, so that its currency is fixed. */
export const hasMoney = async (tx: Tx, clientId: number): Promise<boolean> =>
  (
    await sql(
      tx,
      `select 1 from client_credit where client_id = $1 and amount <> 0 union all select 1 from service_cycle y join service s on s.id = y.service_id where s.client_id = $1 and y.status <> 'unpaid' limit 1`,
      [clientId],
    )
  ).length > 0;
export const listUsersOfClient = (q: Queryable, clientId: number) =>
  sql<{ id: number; username: string; email: string; uuid: string }>(
    q,
    'select u.id, u.username, u.email, u.uuid from client_user m join portal_user u on u.id = m.user_id where m.client_id = $1 and u.deleted_at is null order by u.id limit 1000',
    [clientId],
  );
export const linkUser = async (tx: Tx, clientId: number, userId: number, owner: boolean): Promise<void> => {
  await run(tx, 'insert into client_user (client_id, user_id, is_owner) values ($1, $2, $3) on conflict do nothing', [
    clientId,
    userId,
    owner,
  ]).catch(unlessUserGone());
};
/** Clients by what holds them back; `none`: nothing does. */
export const countClients = (q: Queryable): Promise<{ value: string; count: number }[]> =>
  sql(q, `select coalesce(hold, 'none') value, count(*)::int count from client group by 1`);
