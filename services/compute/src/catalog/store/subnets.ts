import { columns, em, sql, type NewRow, type Queryable, type Tx } from '@nefos/service-kit';
import type { Page } from '../../lists/list-plan.js';
import type { ListSpec, Query } from '../../lists/list-query.js';
import { pageOf } from '../../lists/select-page.js';
import { subnets, type Subnet } from '../tables.js';
import { partsVisibleTo } from '../visible-sql.js';
import { unlessUsed } from './refusals.js';

export type { HostRoute, Pool, Subnet } from '../tables.js';

const subnetList: ListSpec = {
  select: columns(subnets, 's'),
  from: 'subnet s join network n on n.id = s.network_id',
  fields: {
    id: { sql: 's.id', type: 'uuid' },
    name: { sql: 's.name', type: 'text' },
    network_id: { sql: 's.network_id', type: 'uuid', plain: true },
    cidr: { sql: 'text(s.cidr)', type: 'text' },
    ip_version: { sql: 'family(s.cidr)', type: 'int' },
    enable_dhcp: { sql: 's.enable_dhcp', type: 'boolean' },
    region: { sql: 'n.region_id', type: 'text', plain: true },
  },
  search: ['s.name', 'text(s.cidr)'],
  ordering: 'name',
  tie: 's.id',
};
/** @param scope.clientIds whose view it is; null: everything. @param scope.id only this one */
export const listSubnets = (
  q: Queryable,
  query: Query,
  { clientIds, id }: { clientIds: readonly number[] | null; id?: string },
): Promise<Page<Subnet>> =>
  pageOf(
    q,
    subnetList,
    query,
    id === undefined ? [] : [{ sql: 's.id = $::uuid', values: [id] }],
    clientIds ? partsVisibleTo(clientIds) : [],
  );

export type NewSubnet = Omit<NewRow<typeof subnets>, 'backendId'>;
export type SubnetChanges = Partial<Omit<Subnet, 'id' | 'networkId' | 'cidr' | 'backendId'>>;
export const insertSubnet = async (tx: Tx, subnet: NewSubnet): Promise<void> => {
  await em(tx).insert(subnets, { ...subnet });
};
export const findSubnet = async (q: Queryable, id: string): Promise<Subnet | undefined> =>
  (await em(q).findOneBy(subnets, { id })) ?? undefined;
export const updateSubnet = async (tx: Tx, id: string, changes: SubnetChanges): Promise<void> => {
  if (Object.keys(changes).length) await em(tx).update(subnets, { id }, { ...changes });
};
/** @returns whether there was one @throws Fault conflict/catalog.in_use */
export const deleteSubnet = async (tx: Tx, id: string): Promise<boolean> =>
  ((await em(tx).delete(subnets, { id }).catch(unlessUsed('subnet'))).affected ?? 0) > 0;
/** A subnet of the network that has an address in common with this one. SQL: the operator of networks. */
export const findOverlap = async (tx: Tx, networkId: string, cidr: string): Promise<string | undefined> =>
  (
    await sql<{ cidr: string }>(
      tx,
      'select text(cidr) cidr from subnet where network_id = $1 and cidr && $2::cidr order by cidr limit 1',
      [networkId, cidr],
    )
  )[0]?.cidr;
/**
 * Whether an instance, or a port without one, has an address in the range.
 * @param range such as `192.168.40.0/21`, or one address
 * @param building whether one counts that is still being built and whose addresses are not known. SQL: the tables are a
 * later area's
 */
export const isRangeUsed = async (
  tx: Tx,
  networkId: string,
  range: string,
  { building }: { building: boolean },
): Promise<boolean> =>
  (
    await sql(
      tx,
      `(select from network_address where network_id = $1 and address <<= $2::inet limit 1)
      union all (select from port p join instance i on i.id = p.instance_id
        where $3 and p.network_id = $1 and i.vm_state = 'building'
          and not exists (select from network_address a where a.port_id = p.id) limit 1)
      limit 1`,
      [networkId, range, building],
    )
  ).length > 0;
/** Subnets of a network. */
export const listSubnetsOfNetwork = (q: Queryable, networkId: string): Promise<Subnet[]> =>
  em(q).find(subnets, { where: { networkId }, order: { id: 'asc' } });
/** Whether a router connects it. SQL: the table is a later area's. */
export const isConnected = async (tx: Tx, id: string): Promise<boolean> =>
  (await sql(tx, 'select from router_interface where subnet_id = $1', [id])).length > 0;
