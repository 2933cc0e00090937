import { columns, prepared, run, sql, violates, type Queryable, type Tx } from '@nefos/service-kit';
import { assignments, insertRow } from './assignments.js';
import { pageSql, type Order } from './list-sql.js';
import { ports, type NewPort, type Port } from './tables.js';

export { ports };
export type { NewPort, Order, Port };
export type PortChanges = Partial<Omit<Port, 'id' | 'uuid' | 'createdAt' | 'updatedAt'>>;

const ALL = columns(ports);
/** Which value of a port an error says to be taken, or whose node is gone; undefined: it is another error. */
export const takenOfPort = (err: unknown): 'uuid' | 'address' | 'node' | undefined =>
  violates(err, 'port_address_key')
    ? 'address'
    : violates(err, 'port_pkey')
      ? 'uuid'
      : violates(err, 'port_node_uuid_fkey')
        ? 'node'
        : undefined;
export const findPort = async (q: Queryable, uuid: string): Promise<Port | undefined> =>
  (await prepared<Port>(q, `select ${ALL} from port where uuid = $1`, [uuid]))[0];
/** SQL: locks. */
export const lockPort = async (tx: Tx, uuid: string): Promise<Port | undefined> =>
  (await prepared<Port>(tx, `select ${ALL} from port where uuid = $1 for no key update`, [uuid]))[0];
export const countPorts = async (q: Queryable, nodeUuid: string): Promise<number> =>
  (await prepared<{ n: number }>(q, 'select count(*)::int n from port where node_uuid = $1', [nodeUuid]))[0]?.n ?? 0;
export const insertPortRow = (tx: Tx, port: NewPort): Promise<Port> => insertRow<Port>(tx, ports, port);
/** Writes only what is given. SQL: the clock of the database. */
export const updatePort = async (tx: Tx, uuid: string, changes: PortChanges): Promise<void> => {
  const values: unknown[] = [uuid];
  const set = assignments(ports.definitions, changes, values);
  if (set.length) await run(tx, `update port set ${set.join(', ')}, updated_at = now() where uuid = $1`, values);
};
/** @returns whether there was one */
export const deletePortRow = async (tx: Tx, uuid: string): Promise<boolean> =>
  (await run(tx, 'delete from port where uuid = $1', [uuid])) > 0;
/** Which ports a list has; what is absent does not matter. */
export interface PortFilter {
  nodeUuid?: string;
  address?: string;
}
/** SQL: conditions and order are the caller's, so it is not prepared. */
export const listPortRows = (q: Queryable, filter: PortFilter, order: Order): Promise<Port[]> => {
  const values: unknown[] = [];
  const conditions: string[] = [];
  if (filter.nodeUuid !== undefined) conditions.push(`node_uuid = $${values.push(filter.nodeUuid)}`);
  if (filter.address !== undefined) conditions.push(`address = $${values.push(filter.address)}`);
  return sql<Port>(q, `select ${ALL} from port ${pageSql(ports.definitions, order, conditions, values)}`, values);
};
