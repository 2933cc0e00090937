import { Fault, notFound, type Queryable, type Tx } from '@nefos/service-kit';
import { shown } from '../../values.js';
import { findNodeByName, findNodeByUuid, lockNode, type Node } from '../store/nodes.js';
import { isNodeName, uuidOf } from './refs.js';

export type { Node };
export { lockNode } from '../store/nodes.js';
export { driverInfoOf } from './driver-secrets.js';

/** A node by its UUID in any spelling, or by its name. */
export const findNode = async (q: Queryable, ref: string): Promise<Node | undefined> => {
  const uuid = uuidOf(ref);
  if (uuid !== undefined) return findNodeByUuid(q, uuid);
  return isNodeName(ref) ? findNodeByName(q, ref) : undefined;
};
/** As Ironic says it. */
export const nodeAbsent = (ref: string) =>
  notFound('node.absent', { message: `Node ${shown(ref)} could not be found.` });
/** @throws Fault not_found node.absent */
export const demandNode = async (q: Queryable, ref: string): Promise<Node> => {
  const node = await findNode(q, ref);
  if (!node) throw nodeAbsent(ref);
  return node;
};
/** The node, which nobody else changes until the transaction ends. @throws Fault not_found node.absent */
export const demandLockedNode = async (tx: Tx, ref: string): Promise<Node> => {
  const found = await demandNode(tx, ref);
  const node = await lockNode(tx, found.uuid);
  if (!node) throw nodeAbsent(ref);
  return node;
};
/**
 * As above, for a caller of the registry: before 1.5 nodes have no names.
 * @throws Fault not_found node.absent; invalid node.ident: neither UUID nor name
 */
export const demandNodeIn = async (q: Queryable, ref: string, version: number): Promise<Node> => {
  const isName = uuidOf(ref) === undefined;
  if (isName && !isNodeName(ref))
    throw new Fault('invalid', 'node.ident', { message: `Expected UUID or name for node: ${shown(ref)}` });
  if (isName && version < 5) throw nodeAbsent(ref);
  return demandNode(q, ref);
};
