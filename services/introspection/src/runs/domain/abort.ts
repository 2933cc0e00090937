import { actorOf, record } from '../../access/domain/audit.js';
import type { IntrospectionCtx, IntrospectionRequest } from '../../ctx.js';
import { BUSY_STATES } from '../run-states.js';
import { dropAttributes } from '../store/runs.js';
import { nodeUuidOf, runAbsent } from './find.js';
import { powerOff, type Outcome } from './power-off.js';
import { continueRun, TASKS } from './tasks.js';
import { finishRun, lockRun, lockThisRun, nodeLocked, notePhase, transition } from './transitions.js';

/** What clients know an aborted run by. */
const CANCELED = 'Canceled by operator';

/**
 * Aborts the run of a node (contract introspection §2.9): one that waits; nothing happens to one that has ended. From
 * now on the machine is not recognised any more.
 * @throws Fault not_found node.absent, run.absent; conflict node.locked
 */
export const abortRun = async (ctx: IntrospectionCtx, ref: string, actor: string): Promise<void> => {
  const nodeUuid = await nodeUuidOf(ctx.db, ref);
  await ctx.db.transaction(async (tx) => {
    const run = await lockRun(tx, nodeUuid, 'now');
    if (!run) throw runAbsent(ref);
    if (BUSY_STATES.includes(run.state)) throw nodeLocked(nodeUuid);
    const result = run.state === 'waiting' ? 'accepted' : 'nothing to abort';
    await record(tx, { actor, operation: 'introspection.abort', nodeUuid, result, details: { run: run.id } });
    if (run.state !== 'waiting') return;
    await dropAttributes(tx, nodeUuid);
    await continueRun(tx, TASKS.abort, await transition(tx, run, 'abort'));
  });
};
export const requestAbort = (ctx: IntrospectionRequest, ref: string): Promise<void> =>
  abortRun(ctx, ref, actorOf(ctx.principal));

/** The job after an abort: powers off the machine that was powered on for the run, and ends it. */
export const goOnAborting = (ctx: IntrospectionCtx, node: string, id: string): Promise<void> =>
  ctx.db.transaction(async (tx) => {
    const run = await lockThisRun(tx, node, id);
    if (run?.state !== 'aborting') return;
    if (run.manageBoot && !(await powerOff(ctx, tx, run, { looks: TASKS.abort, then: TASKS.aborted }))) return;
    await finishRun(ctx, tx, run, { state: 'error', error: CANCELED });
  });
/** The machine is off, or could not be switched: that is noted only. */
export const endAbort = (ctx: IntrospectionCtx, node: string, id: string, { ok, error }: Outcome): Promise<void> =>
  ctx.db.transaction(async (tx) => {
    const run = await lockThisRun(tx, node, id);
    if (run?.state !== 'aborting') return;
    await notePhase(tx, node, ok ? 'powered off' : 'power off failed', ok ? undefined : error);
    await finishRun(ctx, tx, run, { state: 'error', error: CANCELED });
  });
