import { columns, sql, type Queryable } from '@nefos/service-kit';
import { pageSql, type Order } from './list-sql.js';
import { nodes, type Node } from './tables.js';

export type { Order };
/** Which nodes a list has; what is absent does not matter. */
export interface NodeFilter {
  provisionState?: string;
  driver?: string;
  maintenance?: boolean;
  /** Whether it has an instance. */
  associated?: boolean;
  instanceUuid?: string;
  resourceClass?: string;
  /** `absent`: nodes without a choice of their own count, too. */
  inspectInterface?: { name: string; absent: boolean };
  owner?: string;
  lessee?: string;
  /** Owner or lessee. */
  project?: string;
  conductorGroup?: string;
  /** A part of the description, in any case. */
  description?: string;
  retired?: boolean;
  shards?: readonly string[];
  sharded?: boolean;
  parentNode?: string;
}
type Place = (value: unknown) => string;
const CONDITIONS: { [K in keyof NodeFilter]-?: (value: NonNullable<NodeFilter[K]>, place: Place) => string } = {
  provisionState: (value, place) => `provision_state = ${place(value)}`,
  driver: (value, place) => `driver = ${place(value)}`,
  maintenance: (value) => (value ? 'maintenance' : 'not maintenance'),
  associated: (value) => `instance_uuid is ${value ? 'not ' : ''}null`,
  instanceUuid: (value, place) => `instance_uuid = ${place(value)}`,
  resourceClass: (value, place) => `resource_class = ${place(value)}`,
  inspectInterface: ({ name, absent }, place) =>
    `(inspect_interface = ${place(name)}${absent ? ' or inspect_interface is null' : ''})`,
  owner: (value, place) => `owner = ${place(value)}`,
  lessee: (value, place) => `lessee = ${place(value)}`,
  project: (value, place) => {
    const at = place(value);
    return `(owner = ${at} or lessee = ${at})`;
  },
  conductorGroup: (value, place) => `conductor_group = ${place(value)}`,
  description: (value, place) => `strpos(lower(description), lower(${place(value)})) > 0`,
  retired: (value) => `coalesce((settings->>'retired')::boolean, false) = ${value}`,
  shards: (value, place) => `settings->>'shard' = any(${place(value)}::text[])`,
  sharded: (value) => `settings->>'shard' is ${value ? 'not ' : ''}null`,
  parentNode: (value, place) => `settings->>'parent_node' = ${place(value)}`,
};
/** Of each node only these properties. SQL: conditions, order and columns are the caller's. Not prepared: there are
 * millions of combinations, each of which would stay with every connection. */
export const listNodeRows = (
  q: Queryable,
  filter: NodeFilter,
  order: Order,
  pick: readonly (keyof Node)[],
): Promise<Node[]> => {
  const values: unknown[] = [];
  const place: Place = (value) => `$${values.push(value)}`;
  const conditions = (Object.keys(CONDITIONS) as (keyof NodeFilter)[])
    .filter((name) => filter[name] !== undefined)
    .map((name) => (CONDITIONS[name] as (value: unknown, place: Place) => string)(filter[name], place));
  const needed = [...new Set<keyof Node>(['id', 'uuid', 'driver', ...pick, order.property as keyof Node])];
  const end = pageSql(nodes.definitions, order, conditions, values);
  return sql<Node>(q, `select ${columns(nodes, undefined, needed)} from node ${end}`, values);
};
