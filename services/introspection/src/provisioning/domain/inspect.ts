import { databaseAway, enqueue, Fault, type Tx } from '@nefos/service-kit';
import { SYSTEM } from '../../access/domain/audit.js';
import type { IntrospectionCtx } from '../../ctx.js';
import { inspectInterfaceOf, isInspectedOutOfBand } from '../../nodes/domain/drivers.js';
import { demandNode, findNode, type Node } from '../../nodes/domain/nodes.js';
import { STATES } from '../../nodes/domain/provision-states.js';
import { startOutOfBand } from '../../reports/domain/out-of-band.js';
import { demandPower } from '../../runs/domain/power.js';
import { startRun } from '../../runs/domain/start.js';
import { storable } from '../../runs/domain/storable.js';
import { findRun } from '../../runs/domain/transitions.js';
import { moveNode } from '../store/transitions.js';
import { INSPECT, keyOf } from './task-names.js';

/** Whether the verb can be carried out, as far as it is known without asking the BMC. @throws Fault invalid */
export const demandInspectable = (ctx: IntrospectionCtx, node: Node): void => {
  if (inspectInterfaceOf(node) === 'no-inspect')
    throw new Fault('invalid', 'node.inspect', {
      message: `Failed to validate inspection of node ${node.uuid}: its inspect_interface is no-inspect`,
    });
  demandPower(ctx, node);
};
/** @param id of this inspection: what is done twice for it is done once */
export const enqueueInspect = (tx: Tx, node: string, { id, actor }: { id: string; actor: string }): Promise<void> =>
  enqueue(tx, INSPECT, { node, id, actor }, { key: keyOf(INSPECT, node) });
const fail = (ctx: IntrospectionCtx, uuid: string, reason: string): Promise<boolean> =>
  ctx.db.transaction((tx) =>
    moveNode(tx, uuid, {
      from: [STATES.inspecting],
      to: STATES.inspectFailed,
      target: STATES.manageable,
      lastError: storable(`Failed to inspect hardware. Reason: ${reason}`, 1000),
    }),
  );
/**
 * The job of the verb `inspect`: starts the run of a node that is `inspecting`; the run moves the node on. A node whose
 * run goes on is left to it.
 */
export const inspectNode = async (ctx: IntrospectionCtx, uuid: string, id: string, actor: string): Promise<void> => {
  const node = await findNode(ctx.db, uuid);
  if (node?.provisionState !== STATES.inspecting) return;
  const run = await findRun(ctx.db, uuid);
  if (run && run.finishedAt === null && run.cause === 'inspect') return;
  try {
    if (isInspectedOutOfBand(node)) await startOutOfBand(ctx, uuid, { cause: 'inspect', actor });
    else await startRun(ctx, uuid, { manageBoot: true, cause: 'inspect', actor, idempotencyKey: id });
  } catch (err) {
    if (!(err instanceof Fault) || databaseAway(err) || err.kind === 'unavailable') throw err;
    await fail(ctx, uuid, typeof err.params.message === 'string' ? err.params.message : err.code);
  }
};
/** For a node that has been `inspecting` for long: whether somebody is at it. @returns whether nobody was */
export const rescueInspection = async (ctx: IntrospectionCtx, uuid: string): Promise<boolean> => {
  const [node, run] = [await demandNode(ctx.db, uuid), await findRun(ctx.db, uuid)];
  if (run && run.finishedAt === null) return false;
  await ctx.db.transaction((tx) =>
    enqueueInspect(tx, uuid, { id: `rescue-${node.provisionUpdatedAt?.replaceAll(' ', '_') ?? uuid}`, actor: SYSTEM }),
  );
  return true;
};
