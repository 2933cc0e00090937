import { notFound, type Queryable } from '@nefos/service-kit';
import { findNode, nodeAbsent } from '../../nodes/domain/nodes.js';
import { uuidOf } from '../../nodes/domain/refs.js';
import { shown } from '../../values.js';
import { findRun, type Run } from '../store/runs.js';

/**
 * The UUID of the node that a caller names. One that is a UUID is not looked up: its run is (contract introspection
 * §2.4).
 * @throws Fault not_found node.absent
 */
export const nodeUuidOf = async (q: Queryable, ref: string): Promise<string> => {
  const uuid = uuidOf(ref) ?? (await findNode(q, ref))?.uuid;
  if (uuid === undefined) throw nodeAbsent(ref);
  return uuid;
};
/** There is no run of the node; whether there is the node nobody says. */
export const runAbsent = (ref: string) =>
  notFound('run.absent', { message: `Node ${shown(ref)} was never introspected, or there is no such node` });
/** The last run of a node. @throws Fault not_found node.absent, run.absent */
export const demandRun = async (q: Queryable, ref: string): Promise<Run> => {
  const run = await findRun(q, await nodeUuidOf(q, ref));
  if (!run) throw runAbsent(ref);
  return run;
};
