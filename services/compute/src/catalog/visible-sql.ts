import type { Condition } from '../lists/list-query.js';

const OF_CLIENTS = `select j.id from project j join service s on s.id = j.service_id where s.client_id = any($::int[])`;
const external = (n: string): string =>
  `${n}.router_external and ${n}.project_id is null and ${n}.backend_id is not null`;
/**
 * What clients may see: shared networks, the external ones of a cloud, which it does not share, since no machine is put
 * on them (clients' routers and floating IPs are), and their own. In parts which have no network in common, each with
 * an index of its own: of a long table no more is read than is seen. @param n alias of the network
 */
export const partsVisibleTo = (clientIds: readonly number[], n = 'n'): Condition[] => [
  { sql: `${n}.shared`, values: [] },
  { sql: `not ${n}.shared and ${external(n)}`, values: [] },
  { sql: `not ${n}.shared and ${n}.project_id = any(array(${OF_CLIENTS}))`, values: [clientIds] },
];
