import { columns, sql, type Queryable } from '@nefos/service-kit';
import type { Page } from '../../lists/list-plan.js';
import type { Condition, ListSpec, Query } from '../../lists/list-query.js';
import { pageOf } from '../../lists/select-page.js';
import { networks, type Network } from '../tables.js';

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
/** What clients may see: shared networks and their own. */
const visibleTo = (clientIds: readonly number[]): Condition => ({
  sql: `n.shared or n.project_id in
    (select j.id from project j join service s on s.id = j.service_id where s.client_id = any($::int[]))`,
  values: [clientIds],
});
/** @param scope.clientIds whose view it is; null: everything. @param scope.id only this one */
export const listNetworks = (
  q: Queryable,
  query: Query,
  { clientIds, id }: { clientIds: readonly number[] | null; id?: string },
): Promise<Page<NetworkWithSubnets>> =>
  pageOf(q, networkList, query, [
    ...(id === undefined ? [] : [{ sql: 'n.id = $::uuid', values: [id] }]),
    ...(clientIds ? [visibleTo(clientIds)] : []),
  ]);
/** SQL: the subnets are computed. */
export const findNetworks = (q: Queryable, ids: readonly string[]): Promise<NetworkWithSubnets[]> =>
  sql<NetworkWithSubnets>(q, `select ${SELECT} from network n where n.id = any($1::uuid[])`, [ids]);
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
