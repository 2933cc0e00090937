import { columns, em, sql, type NewRow, type Queryable, type Tx } from '@nefos/service-kit';
import type { Page } from '../../lists/list-plan.js';
import type { ListSpec, Query } from '../../lists/list-query.js';
import { pageOf } from '../../lists/select-page.js';
import { floatingIps, type FloatingIp } from '../tables.js';
import { CLIENT, OWNER, scoped, type Scope, type WithClient } from './owned.js';

export type { FloatingIp };
/** A floating IP with the instance that it leads to. */
export interface ShownFloatingIp extends FloatingIp, WithClient {
  instanceId: string | null;
}
const SELECT = `${columns(floatingIps, 'x')}, p.instance_id "instanceId", ${CLIENT}`;
const FROM = `floating_ip x left join port p on p.id = x.port_id ${OWNER}`;
const floatingList: ListSpec = {
  select: SELECT,
  from: FROM,
  table: 'floating_ip x',
  fields: {
    id: { sql: 'x.id', type: 'uuid' },
    floating_ip_address: { sql: 'host(x.address)', type: 'text' },
    floating_network_id: { sql: 'x.network_id', type: 'uuid', plain: true },
    port_id: { sql: 'x.port_id', type: 'uuid', plain: true },
    instance: { sql: 'p.instance_id', type: 'uuid', plain: true },
    region: { sql: 'x.region_id', type: 'text', plain: true },
    status: { sql: 'x.status', type: 'text' },
    project__id: { sql: 'x.project_id', type: 'text' },
    created_at: { sql: 'x.created_at', type: 'time' },
  },
  search: ['host(x.address)'],
  ordering: '-created_at',
  tie: 'x.id',
};
export const listFloatingIps = (q: Queryable, query: Query, scope: Scope): Promise<Page<ShownFloatingIp>> =>
  pageOf(q, floatingList, query, scoped(scope));
/** SQL: joins. */
export const findFloatingIp = async (q: Queryable, id: string): Promise<ShownFloatingIp | undefined> =>
  (await sql<ShownFloatingIp>(q, `select ${SELECT} from ${FROM} where x.id = $1`, [id]))[0];
/** SQL: locks. */
export const lockFloatingIp = async (tx: Tx, id: string): Promise<FloatingIp | undefined> =>
  (await sql<FloatingIp>(tx, `select ${columns(floatingIps)} from floating_ip where id = $1 for update`, [id]))[0];
export const insertFloatingIp = async (tx: Tx, one: NewRow<typeof floatingIps>): Promise<void> => {
  await em(tx).insert(floatingIps, one);
};
export const updateFloatingIp = async (tx: Tx, id: string, changes: Partial<Omit<FloatingIp, 'id'>>): Promise<void> => {
  await em(tx).update(floatingIps, { id }, changes);
};
export const deleteFloatingIp = async (tx: Tx, id: string): Promise<void> => {
  await em(tx).delete(floatingIps, { id });
};
/** Those that lead to these ports. @param address only to this address of theirs. SQL: locks. */
export const lockLeadingTo = (tx: Tx, portIds: readonly string[], address?: string): Promise<FloatingIp[]> =>
  sql<FloatingIp>(
    tx,
    `select ${columns(floatingIps)} from floating_ip
    where port_id = any($1::uuid[]) and ($2::inet is null or fixed_address = $2::inet) order by id for update`,
    [portIds, address ?? null],
  );
/** Of an instance, for its addresses. SQL: joins. */
export const listFloatingOfInstance = (
  q: Queryable,
  instanceId: string,
): Promise<{ network: string; address: string; mac: string }[]> =>
  sql(
    q,
    `select n.name network, host(f.address) address, coalesce(p.mac_address, '') mac
    from port p join floating_ip f on f.port_id = p.id join network n on n.id = p.network_id
    where p.instance_id = $1 and f.address is not null order by p.position, f.address`,
    [instanceId],
  );
