import { randomUUID } from 'node:crypto';
import { conflict, Fault, type Tx } from '@nefos/service-kit';
import { actorOf } from '../../access/domain/audit.js';
import type { IntrospectionRequest } from '../../ctx.js';
import { demandLockedNode, demandNode, type Node } from '../../nodes/domain/nodes.js';
import { STATES } from '../../nodes/domain/provision-states.js';
import { demandSince } from '../../nodes/domain/versions.js';
import { abortRun } from '../../runs/domain/abort.js';
import { shown } from '../../values.js';
import { moveNode } from '../store/transitions.js';
import { demandInspectable, enqueueInspect } from './inspect.js';
import { enqueueVerify } from './verify.js';

interface Verb {
  /** From which version on it is known. */
  since: number;
  /** The states from which it leads somewhere. */
  from: readonly string[];
}
/** Contract introspection §11.3. */
const VERBS: Readonly<Record<string, Verb>> = {
  manage: { since: 4, from: [STATES.enroll, STATES.available, STATES.inspectFailed] },
  provide: { since: 4, from: [STATES.manageable] },
  inspect: { since: 6, from: [STATES.manageable, STATES.inspectFailed] },
  abort: { since: 13, from: [STATES.inspectWait] },
};
/** In these somebody is at the node. */
const BUSY: readonly string[] = [STATES.verifying, STATES.inspecting];
/** Parameters of verbs that there are not here; only null may be given. */
const FOREIGN = ['configdrive', 'clean_steps', 'deploy_steps', 'service_steps', 'rescue_password', 'disable_ramdisk'];

const refuse = (message: string): never => {
  throw new Fault('invalid', 'provision.target', { message });
};
/** @throws Fault invalid provision.target; conflict node.locked */
const demandState = (node: Node, target: string, { from }: Verb): void => {
  if (from.includes(node.provisionState)) return;
  if (BUSY.includes(node.provisionState))
    throw conflict('node.locked', {
      message: `Node ${node.uuid} is locked, please retry after the current operation is completed.`,
    });
  refuse(
    `The requested action "${shown(target)}" can not be performed on node "${node.uuid}" while it is in state ` +
      `"${node.provisionState}".`,
  );
};
const manage = async (ctx: IntrospectionRequest, tx: Tx, { uuid, provisionState }: Node): Promise<void> => {
  const isNew = provisionState === STATES.enroll;
  await moveNode(tx, uuid, {
    from: [provisionState],
    ...(isNew ? { to: STATES.verifying, target: STATES.manageable } : { to: STATES.manageable, target: null }),
    ...(isNew && { lastError: null }),
  });
  if (isNew) await enqueueVerify(ctx, tx, uuid);
};
const provide = async (tx: Tx, { uuid }: Node): Promise<void> => {
  await moveNode(tx, uuid, { from: [STATES.manageable], to: STATES.available, target: null });
};
const inspect = async (ctx: IntrospectionRequest, tx: Tx, node: Node): Promise<void> => {
  demandInspectable(ctx, node);
  const target = STATES.manageable;
  await moveNode(tx, node.uuid, { from: [node.provisionState], to: STATES.inspecting, target, lastError: null });
  await enqueueInspect(tx, node.uuid, { id: randomUUID(), actor: actorOf(ctx.principal) });
};
/**
 * Moves a node on by a verb; what takes time is done by jobs.
 * @param body `{ target }`
 * @throws Fault invalid: provision.target, node.power, node.inspect; not_acceptable version.old; not_found node.absent;
 * conflict node.locked
 */
export const setProvisionState = async (
  ctx: IntrospectionRequest,
  ref: string,
  { target, ...others }: Readonly<Record<string, unknown>>,
  version: number,
): Promise<void> => {
  const seen = await demandNode(ctx.db, ref);
  for (const [name, value] of Object.entries(others))
    if (!FOREIGN.includes(name)) refuse(`Unexpected arguments: ${shown(name)}`);
    else if (value !== null) refuse(`"${name}" is only valid when setting target provision state to another target`);
  if (typeof target !== 'string') return refuse('Missing mandatory parameter: target');
  const verb = Object.hasOwn(VERBS, target) ? VERBS[target] : undefined;
  if (!verb) return demandState(seen, target, { since: 1, from: [] });
  demandSince(version, verb.since);
  if (target === 'abort') {
    demandState(seen, target, verb);
    demandSince(version, 41);
    return abortRun(ctx, seen.uuid, actorOf(ctx.principal));
  }
  await ctx.db.transaction(async (tx) => {
    const node = await demandLockedNode(tx, ref);
    demandState(node, target, verb);
    if (target === 'manage') await manage(ctx, tx, node);
    else if (target === 'provide') await provide(tx, node);
    else await inspect(ctx, tx, node);
  });
};
