import { prepared, sql, type Queryable, type Tx } from '@nefos/service-kit';

/** One unknown machine after the other, so that two reports of one do not make two nodes. SQL: a lock. */
export const lockDiscovery = async (tx: Tx): Promise<void> => {
  await sql(tx, `select pg_advisory_xact_lock(hashtext('introspection.discovery'))`);
};
/** Ports of these addresses. SQL: by the index, bounded. */
export const listPortsOf = (q: Queryable, macs: readonly string[]): Promise<{ nodeUuid: string; address: string }[]> =>
  prepared(q, 'select node_uuid "nodeUuid", address from port where address = any($1) order by id limit 100', [macs]);
/** Nodes of these addresses of BMCs. SQL: by the index, bounded. */
export const listNodesOf = (
  q: Queryable,
  addresses: readonly string[],
): Promise<{ nodeUuid: string; address: string }[]> =>
  prepared(
    q,
    'select uuid "nodeUuid", bmc_address address from node where bmc_address = any($1) order by id limit 100',
    [addresses],
  );
