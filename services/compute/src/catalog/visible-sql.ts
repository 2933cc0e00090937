import type { Condition } from '../lists/list-query.js';

const OF_CLIENTS = `select j.id from project j join service s on s.id = j.service_id where s.client_id = any($::int[])`;
/**
 * Rows of a table that these clients' projects have. Their ids come first, in an array, of which PostgreSQL expects
 * ten: others' rows are never read, whatever the order of the page. @param x alias of the table
 */
export const idsOfClients = (table: string, clientIds: readonly number[], x: string): Condition => ({
  sql: `${x}.id = any(array(select o.id from ${table} o where o.project_id = any(array(${OF_CLIENTS}))))`,
  values: [clientIds],
});
/**
 * Networks that clients may see: shared ones, the external ones of a cloud, which it does not share, since no machine
 * is put on them (clients' routers and floating IPs are), and their own. In parts which have no network in common, each
 * with an index of its own: of a long table no more is read than is seen. @param n alias of the network
 */
export const partsVisibleTo = (clientIds: readonly number[], n = 'n'): Condition[] => {
  const own = idsOfClients('network', clientIds, n);
  return [
    { sql: `${n}.shared`, values: [] },
    {
      sql: `not ${n}.shared and ${n}.router_external and ${n}.project_id is null and ${n}.backend_id is not null`,
      values: [],
    },
    { ...own, sql: `not ${n}.shared and ${own.sql}` },
  ];
};
