import type { Condition } from '../lists/list-query.js';

/**
 * What clients may see: shared networks, their own, and the external ones of a cloud, which it does not share, since no
 * machine is put on them; clients' routers and floating IPs are. @param n alias of the network
 */
export const visibleTo = (clientIds: readonly number[], n = 'n'): Condition => ({
  sql: `${n}.shared or (${n}.router_external and ${n}.project_id is null and ${n}.backend_id is not null)
    or ${n}.project_id in
      (select j.id from project j join service s on s.id = j.service_id where s.client_id = any($::int[]))`,
  values: [clientIds],
});
