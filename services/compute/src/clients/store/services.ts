import { randomBytes } from 'node:crypto';
import { columns, em, run, sql, violates, type Queryable, type Tx } from '@nefos/service-kit';
import type { Page } from '../../lists/list-plan.js';
import type { ListSpec, Query } from '../../lists/list-query.js';
import { pageOf } from '../../lists/select-page.js';
import { projects, services, type Service as ServiceTableRow, type ServiceStatus } from '../../owners/tables.js';
import { invalidValue } from '../../refusals.js';

const SHOWN = [
  'id',
  'clientId',
  'displayName',
  'status',
  'externalBillingId',
  'suspendType',
  'createdAt',
  'paidUntil',
] as const satisfies readonly (keyof ServiceTableRow)[];
/** A service as the domain sees it: with its client, product and cycle. */
export interface Service extends Pick<ServiceTableRow, (typeof SHOWN)[number]> {
  clientName: string;
  clientExternalBillingId: string | null;
  productId: number;
  productName: string;
  productType: string;
  cycleId: number;
  cycle: string;
  cycleMultiplier: number;
  currency: string;
}
const COLUMNS = `${columns(services, 's', SHOWN)},
  c.first_name || ' ' || c.last_name "clientName", c.external_billing_id "clientExternalBillingId",
  p.id "productId", p.name "productName", p.product_type "productType",
  y.id "cycleId", y.cycle, y.cycle_multiplier "cycleMultiplier", y.currency`;
const FROM = `service s join client c on c.id = s.client_id join product p on p.id = s.product_id
  join product_cycle y on y.id = s.product_cycle_id`;
const serviceList: ListSpec = {
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
/** @throws Fault not_found/page, invalid/filter */
export const pageOfServices = (q: Queryable, query: Query): Promise<Page<Service>> =>
  pageOf<Service>(q, serviceList, query);
/** SQL: a join of four tables. */
export const findService = async (q: Queryable, id: number): Promise<Service | undefined> =>
  (await sql<Service>(q, `select ${COLUMNS} from ${FROM} where s.id = $1`, [id]))[0];
/** Services of the client, at most 1000. */
export const listServicesOfClient = (
  q: Queryable,
  clientId: number,
): Promise<Pick<Service, 'id' | 'displayName' | 'status'>[]> =>
  em(q).find(services, {
    where: { clientId },
    select: { id: true, displayName: true, status: true },
    order: { id: 'asc' },
    take: 1000,
  });

export interface NewService {
  clientId: number;
  orderId: number | null;
  productId: number;
  productCycleId: number;
  displayName: string;
  productType: string;
  externalBillingId: string | null;
  /** False: an OpenStack service gets no project yet. */
  withProject?: boolean;
}
/**
 * Inserts an active service, an OpenStack one with its project.
 * @returns its id
 * @throws Fault invalid: the client has an OpenStack service that is not ended
 */
export const insertService = async (
  tx: Tx,
  { withProject = true, ...service }: NewService,
  now: Date,
): Promise<number> => {
  const { identifiers } = await em(tx)
    .insert(services, { ...service, status: 'active', activatedAt: now.toISOString() })
    .catch((err: unknown) => {
      throw violates(err, 'service_client_id_openstack_key')
        ? invalidValue(['client_id'], 'client.has_openstack')
        : err;
    });
  const { id: serviceId } = identifiers[0] as { id: number };
  if (service.productType === 'openstack' && withProject)
    await em(tx).insert(projects, {
      id: randomBytes(16).toString('hex'),
      serviceId,
      name: `client-${service.clientId}`,
    });
  return serviceId;
};

/** Moves services of a client, or one of them, from some states into another. @returns how many were moved */
export const moveServices = (
  tx: Tx,
  where: { clientId: number; serviceId?: number | undefined },
  from: readonly ServiceStatus[],
  to: 'active' | 'suspended' | 'terminated',
  now: Date,
): Promise<number> =>
  run(
    tx,
    // SQL: the times depend on those that are there.
    `update service set status = $4, suspend_type = case when $4 = 'suspended' then 'staff' end,
      activated_at = case when $4 = 'active' then coalesce(activated_at, $5) else activated_at end,
      suspended_at = case when $4 = 'suspended' then $5::timestamptz end,
      terminated_at = case when $4 = 'terminated' then $5::timestamptz end
    where client_id = $1 and ($2::int is null or id = $2) and status = any($3)`,
    [where.clientId, where.serviceId ?? null, from, to, now],
  );
export const setServiceExternalId = async (tx: Tx, id: number, externalBillingId: string | null): Promise<void> => {
  await em(tx).update(services, { id }, { externalBillingId });
};
