import { sql, type Queryable } from '@nefos/service-kit';
import type { Condition, ListSpec } from '../../lists/list-query.js';

export interface NetworkRow {
  id: string;
  name: string;
  region_id: string;
  shared: boolean;
  router_external: boolean;
  admin_state_up: boolean;
  status: string;
  mtu: number;
  subnets: string[];
  project_id: string | null;
  is_default: boolean;
}
const COLUMNS = `n.id, n.name, n.region_id, n.shared, n.router_external, n.admin_state_up, n.status, n.mtu, array(select s.id from subnet s where s.network_id = n.id
    order by s.id) subnets, n.project_id, n.is_default`;
export const networkList: ListSpec = {
  select: COLUMNS,
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
export const networksForClients = (clientIds: readonly number[]): Condition => ({
  sql: 'n.shared or n.project_id in (select j.id from project j join service s on s.id = j.service_id where s.client_id = any($::int[]))',
  values: [clientIds],
});
export const findNetworks = (q: Queryable, ids: readonly string[]): Promise<NetworkRow[]> =>
  sql<NetworkRow>(q, `select ${COLUMNS} from network n where n.id = any($1::uuid[])`, [ids]);
