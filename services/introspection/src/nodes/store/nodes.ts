import { columns, prepared, run, violates, type Queryable, type Tx } from '@nefos/service-kit';
import { assignments, insertRow } from './assignments.js';
import { nodes, type NewNode, type Node } from './tables.js';

export { nodes, ports } from './tables.js';
export type { NewNode, NewPort, Node, Port } from './tables.js';
export type NodeChanges = Partial<Omit<Node, 'id' | 'uuid' | 'createdAt' | 'updatedAt'>>;

const ALL = columns(nodes);
/** Which unique value is taken. */
export type Taken = 'uuid' | 'name' | 'instance_uuid';
const KEYS: Readonly<Record<string, Taken>> = {
  node_pkey: 'uuid',
  node_name_key: 'name',
  node_instance_uuid_key: 'instance_uuid',
};
/** Which unique value an error says to be taken; undefined: it is another error. */
export const takenOf = (err: unknown): Taken | undefined =>
  Object.entries(KEYS).find(([constraint]) => violates(err, constraint))?.[1];

export const findNodeByUuid = async (q: Queryable, uuid: string): Promise<Node | undefined> =>
  (await prepared<Node>(q, `select ${ALL} from node where uuid = $1`, [uuid]))[0];
export const findNodeByName = async (q: Queryable, name: string): Promise<Node | undefined> =>
  (await prepared<Node>(q, `select ${ALL} from node where name = $1`, [name]))[0];
/** The node, which nobody else changes until the transaction ends. SQL: locks. */
export const lockNode = async (tx: Tx, uuid: string): Promise<Node | undefined> =>
  (await prepared<Node>(tx, `select ${ALL} from node where uuid = $1 for no key update`, [uuid]))[0];
export const insertNodeRow = (tx: Tx, node: NewNode): Promise<Node> => insertRow<Node>(tx, nodes, node);
/** Writes only what is given. SQL: the clock of the database, as for all times here. */
export const updateNode = async (tx: Tx, uuid: string, changes: NodeChanges): Promise<void> => {
  const values: unknown[] = [uuid];
  const set = assignments(nodes.definitions, changes, values);
  if (set.length) await run(tx, `update node set ${set.join(', ')}, updated_at = now() where uuid = $1`, values);
};
/** With its ports, runs and all that belongs to it. @returns whether there was one */
export const deleteNodeRow = async (tx: Tx, uuid: string): Promise<boolean> =>
  (await run(tx, 'delete from node where uuid = $1', [uuid])) > 0;
