import { randomBytes } from 'node:crypto';
import { Fault, run, sql, violates, type Queryable, type Tx } from '@nefos/service-kit';
import type { ListSpec } from '../../lists/list-query.js';

export interface ServiceRow {
  id: number;
  client_id: number;
  display_name: string;
  status: 'pending' | 'active' | 'suspended' | 'terminated' | 'canceled' | 'fraud' | 'archived';
  external_billing_id: string | null;
  suspend_type: string | null;
  created_at: string;
  paid_until: string | null;
  client_name: string;
  client_external_billing_id: string | null;
  product_id: number;
  product_name: string;
  product_type: string;
  cycle_id: number;
  cycle: string;
  cycle_multiplier: number;
  currency: string;
}
const COLUMNS = `s.id, s.client_id, s.display_name, s.status, s.external_billing_id, s.suspend_type, s.created_at, s.paid_until, c.first_name || ' ' || c.last_name client_name, c.external_billing_id client_external_billing_id,
  p.id product_id, p.name product_name, p.product_type, y.id cycle_id, y.cycle, y.cycle_multiplier, y.currency`;
const FROM =
  'service s join client c on c.id = s.client_id join product p on p.id = s.product_id join product_cycle y on y.id = s.product_cycle_id';
export const serviceList: ListSpec = {
  select: COLUMNS,
  from: FROM,
  fields: {
    id: { sql: 's.id', type: 'int' },
    status: { sql: 's.status', type: 'text' },
    client__id: { sql: 's.client_id', type: 'int' },
    client__external_billing_id: { sql: 'c.external_billing_id', type: 'text' },
    external_billing_id: { sql: 's.external_billing_id', type: 'text', plain: true },
    product__product_type: { sql: 'p.product_type', type: 'text' },
    created_at: { sql: 's.created_at', type: 'time' },
  },
  search: ['s.display_name', 'c.first_name', 'c.last_name', 's.external_billing_id'],
  ordering: '-id',
  tie: 's.id',
};
export const findService = async (q: Queryable, id: number): Promise<ServiceRow | undefined> =>
  (await sql<ServiceRow>(q, `select ${COLUMNS} from ${FROM} where s.id = $1`, [id]))[0];
export const listServicesOfClient = (q: Queryable, clientId: number) =>
  sql<{ id: number; display_name: string; status: ServiceRow['status'] }>(
    q,
    'select id, display_name, status from service where client_id = $1 order by id limit 1000',
    [clientId],
  );

/**
 * Orders every product that is ordered by itself, in its cheapest public cycle of the client's currency, and activates the service;
 * an OpenStack service has its project from the start (contract compute §4.2).
 */
export const autoOrder = async (tx: Tx, clientId: number, externalId: string | null, now: Date): Promise<void> => {
  const wanted = await sql<{ product_id: number; cycle_id: number; name: string; product_type: string }>(
    tx,
    `select distinct on (p.id) p.id product_id, y.id cycle_id, p.name, p.product_type
    from client c join product p on p.auto_order and p.status = 'public' join product_cycle y on y.product_id = p.id and y.currency = c.currency and y.status = 'public'
    where c.id = $1 order by p.id, y.fixed_price + y.setup_fee, y.id`,
    [clientId],
  );
  if (!wanted.length) return;
  const [order] = await sql<{ id: number }>(
    tx,
    `insert into client_order (client_id, status) values ($1, 'completed') returning id`,
    [clientId],
  );
  for (const one of wanted)
    await insertService(tx, {
      clientId,
      orderId: order?.id ?? null,
      productId: one.product_id,
      cycleId: one.cycle_id,
      name: one.name,
      productType: one.product_type,
      externalId,
      now,
    });
};
interface NewService {
  clientId: number;
  orderId: number | null;
  productId: number;
  cycleId: number;
  name: string;
  productType: string;
  externalId: string | null;
  now: Date;
}
/** An active service, an OpenStack one with its project. @returns its id. @throws Fault invalid when the client has an OpenStack service that is not ended */
export const insertService = async (tx: Tx, one: NewService): Promise<number> => {
  const [made] = await sql<{ id: number }>(
    tx,
    `insert into service (client_id, order_id, product_id, product_cycle_id, product_type, display_name, status, external_billing_id, activated_at) values ($1, $2, $3, $4, $5, $6, 'active', $7, $8) returning id`,
    [one.clientId, one.orderId, one.productId, one.cycleId, one.productType, one.name, one.externalId, one.now],
  ).catch((err: unknown) => {
    throw violates(err, 'service_client_id_openstack_key')
      ? new Fault('invalid', 'validation', {
          issues: [{ path: ['client_id'], rule: 'text', values: { text: 'Client already has an OpenStack service.' } }],
        })
      : err;
  });
  if (one.productType === 'openstack')
    await run(tx, 'insert into project (id, service_id, name) values ($1, $2, $3)', [
      randomBytes(16).toString('hex'),
      made?.id,
      `client-${one.clientId}`,
    ]);
  return made?.id as number;
};
export interface OfferRow {
  product_id: number;
  name: string;
  cycle_id: number;
  cycle: string;
  cycle_multiplier: number;
  currency: string;
}
/** Public OpenStack products in a currency, cycle by cycle. */
export const listOffers = (q: Queryable, currency: string) =>
  sql<OfferRow>(
    q,
    `select p.id product_id, p.name, y.id cycle_id, y.cycle, y.cycle_multiplier, y.currency from product p join product_cycle y on y.product_id = p.id
  where p.product_type = 'openstack' and p.status = 'public' and y.status = 'public' and y.currency = $1 order by p.id, y.id limit 1000`,
    [currency],
  );

/** Moves services of a client, or one of them, from some states into another. @returns how many moved */
export const moveServices = (
  tx: Tx,
  where: { clientId: number; serviceId?: number | undefined },
  from: readonly ServiceRow['status'][],
  to: 'active' | 'suspended' | 'terminated',
  now: Date,
): Promise<number> =>
  run(
    tx,
    `update service set status = $4, suspend_type = case when $4 = 'suspended' then 'staff' end,
      activated_at = case when $4 = 'active' then coalesce(activated_at, $5) else activated_at end, suspended_at = case when $4 = 'suspended' then $5::timestamptz end, terminated_at = case when $4 = 'terminated' then $5::timestamptz end
    where client_id = $1 and ($2::int is null or id = $2) and status = any($3)`,
    [where.clientId, where.serviceId ?? null, from, to, now],
  );
export const setServiceExternalId = async (tx: Tx, id: number, externalId: string | null): Promise<void> => {
  await run(tx, 'update service set external_billing_id = $2 where id = $1', [id, externalId]);
};
