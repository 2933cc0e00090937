import { partsVisibleTo } from '../visible-sql.js';
import { columns, em, run, sql, type NewRow, type Queryable, type Tx, prepared } from '@nefos/service-kit';
import type { Page } from '../../lists/list-plan.js';
import type { ListSpec, Query } from '../../lists/list-query.js';
import { pageOf } from '../../lists/select-page.js';
import { networks, type Network } from '../tables.js';
import { unlessTaken, unlessUsed } from './refusals.js';

export type { Network };

/** A network with the ids of its subnets. */
export interface NetworkWithSubnets extends Network {
  subnets: string[];
}
const SELECT = `${columns(networks, 'n')},
  array(select s.id from subnet s where s.network_id = n.id order by s.id) subnets`;
const networkList: ListSpec = {
  select: SELECT,
  from: 'network n',
  fields: {
    id: { sql: 'n.id', type: 'uuid' },
    name: { sql: 'n.name', type: 'text' },
    region: { sql: 'n.region_id', type: 'text', plain: true },
    status: { sql: 'n.status', type: 'text' },
    shared: { sql: 'n.shared', type: 'boolean' },
  },
  search: ['n.name'],
  ordering: 'name',
  tie: 'n.id',
};
/** @param scope.clientIds whose view it is; null: everything. @param scope.id only this one */
export const listNetworks = (
  q: Queryable,
  query: Query,
  { clientIds, id }: { clientIds: readonly number[] | null; id?: string },
): Promise<Page<NetworkWithSubnets>> =>
  pageOf(
    q,
    networkList,
    query,
    id === undefined ? [] : [{ sql: 'n.id = $::uuid', values: [id] }],
    clientIds ? partsVisibleTo(clientIds) : [],
  );
/**
 * Networks for a new instance: none of them is deleted until the transaction ends. SQL: the subnets are computed, and
 * locks.
 */
export const findNetworks = (tx: Tx, ids: readonly string[]): Promise<NetworkWithSubnets[]> =>
  prepared<NetworkWithSubnets>(
    tx,
    `select ${SELECT} from network n where n.id = any($1::uuid[]) order by n.id for key share of n`,
    [ids],
  );

type ByDriver = 'backendId' | 'fault' | 'givenName';
export type NewNetwork = Omit<NewRow<typeof networks>, ByDriver>;
export type NetworkChanges = Partial<
  Omit<Network, 'id' | 'regionId' | 'projectId' | 'status' | 'managed' | 'autoCreated' | ByDriver>
>;
const unlessNameTaken = unlessTaken('network_region_id_project_id_name_key', 'name');
/** @throws Fault invalid: the name is taken among the networks of its region and project */
export const insertNetwork = async (tx: Tx, network: NewNetwork): Promise<void> => {
  await em(tx)
    .insert(networks, { ...network })
    .catch(unlessNameTaken);
};
export const findNetwork = async (q: Queryable, id: string): Promise<Network | undefined> =>
  (await em(q).findOneBy(networks, { id })) ?? undefined;
/** The network, which gets no new instance until this transaction ends. SQL: locks. */
export const lockNetwork = async (tx: Tx, id: string): Promise<Network | undefined> =>
  (await sql<Network>(tx, `select ${columns(networks)} from network where id = $1 for update`, [id]))[0];
/** @throws Fault invalid: the name is taken among the networks of its region and project */
export const updateNetwork = async (tx: Tx, id: string, changes: NetworkChanges): Promise<void> => {
  if (Object.keys(changes).length)
    await em(tx)
      .update(networks, { id }, { ...changes })
      .catch(unlessNameTaken);
};
/** Those that make a network of the region the default do so one after the other. SQL: locks. */
export const lockDefaults = async (tx: Tx, regionId: string): Promise<void> => {
  await sql(tx, 'select from region where id = $1 for no key update', [regionId]);
};
/** No network of the region and project is the default any more. SQL: null is a project like others. */
export const clearDefault = async (tx: Tx, regionId: string, projectId: string | null): Promise<void> => {
  await run(
    tx,
    `update network set is_default = false where region_id = $1 and project_id is not distinct from $2 and is_default`,
    [regionId, projectId],
  );
};
/** Its subnets go with it. @returns whether there was one @throws Fault conflict/catalog.in_use */
export const deleteNetwork = async (tx: Tx, id: string): Promise<boolean> =>
  ((await em(tx).delete(networks, { id }).catch(unlessUsed('network'))).affected ?? 0) > 0;
/**
 * Whether an instance is attached to it.
 * @param except not counting those of this project. SQL: the table is a later area's
 */
export const isNetworkUsed = async (tx: Tx, id: string, except: string | null = null): Promise<boolean> =>
  (
    await sql(
      tx,
      `select from port where network_id = $1 and instance_id is not null and project_id is distinct from $2 limit 1`,
      [id, except],
    )
  ).length > 0;
/** What keeps a network from being deleted. SQL: tables of a later area. */
export const findNetworkUsers = async (tx: Tx, id: string): Promise<string | undefined> =>
  (
    await sql<{ users: string }>(
      tx,
      `(select 'instances' users from port where network_id = $1 and instance_id is not null limit 1)
      union all (select 'ports' from port where network_id = $1 limit 1)
      union all (select 'floating IPs' from floating_ip where network_id = $1 limit 1)
      union all (select 'routers' from router where external_network_id = $1 limit 1)
      union all (select 'routers' from router_interface i join subnet s on s.id = i.subnet_id
        where s.network_id = $1 limit 1)
      limit 1`,
      [id],
    )
  )[0]?.users;
/** Of these projects those that there are. SQL: the table is an earlier area's. */
export const findProjectIds = async (tx: Tx, ids: readonly string[]): Promise<string[]> =>
  (await sql<{ id: string }>(tx, 'select id from project where id = any($1::text[])', [ids])).map(({ id }) => id);
/** Networks as a driver attaches a machine to them, each with its first subnet. SQL: a subquery. */
export const findNics = (
  q: Queryable,
  ids: readonly string[],
): Promise<{ networkId: string; networkName: string; cidr: string | null }[]> =>
  sql(
    q,
    `select n.id "networkId", n.name "networkName",
      (select text(s.cidr) from subnet s where s.network_id = n.id order by s.id limit 1) cidr
    from unnest($1::uuid[]) with ordinality w(id, position) join network n on n.id = w.id order by w.position`,
    [ids],
  );
