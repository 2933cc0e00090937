import type { IntrospectionCtx } from '../../ctx.js';
import { findNode } from '../../nodes/domain/nodes.js';
import { listAttributes, type Attribute, type Run } from '../store/runs.js';
import { demandRun } from './find.js';

export interface Progress {
  run: Run;
  attributes: Attribute[];
  power: { state: string | null; target: string | null; lastError: string | null };
}
/** The last run of a node with all that explains it. @throws Fault not_found node.absent, run.absent */
export const showProgress = async ({ db }: IntrospectionCtx, ref: string): Promise<Progress> => {
  const run = await demandRun(db, ref);
  const [node, attributes] = await Promise.all([findNode(db, run.nodeUuid), listAttributes(db, run.nodeUuid)]);
  const { powerState = null, targetPowerState = null, lastError = null } = node ?? {};
  return { run, attributes, power: { state: powerState, target: targetPowerState, lastError } };
};
