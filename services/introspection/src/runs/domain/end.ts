import type { Tx } from '@nefos/service-kit';
import type { IntrospectionCtx } from '../../ctx.js';
import { findNode } from '../../nodes/domain/nodes.js';
import type { Run } from '../store/runs.js';
import { powerOff, type Outcome } from './power-off.js';
import { TASKS } from './tasks.js';
import { finishRun, lockThisRun, notePhase } from './transitions.js';

const IN_USE = ['active', 'rescue'];
/** Machines that were switched on for the run are switched off, but those in use (contract introspection §7). */
const goesOff = async ({ config }: IntrospectionCtx, tx: Tx, { nodeUuid, manageBoot }: Run): Promise<boolean> => {
  if (config.NEFOS_INTROSPECTION_POWER_OFF === 'no' || !manageBoot) return false;
  const node = await findNode(tx, nodeUuid);
  return node !== undefined && !IN_USE.includes(node.provisionState);
};
/** The job after processing, which is enqueued in the transaction that saved the data: `TASKS.end`. */
export const endProcessing = (ctx: IntrospectionCtx, node: string, id: string): Promise<void> =>
  ctx.db.transaction(async (tx) => {
    const run = await lockThisRun(tx, node, id);
    if (run?.state !== 'processing') return;
    if ((await goesOff(ctx, tx, run)) && !(await powerOff(ctx, tx, run, { looks: TASKS.end, then: TASKS.ended })))
      return;
    await finishRun(ctx, tx, run, { state: 'finished', error: null });
  });
/** The machine is off. One that could not be switched off fails the run, unless it was made by discovery. */
export const endPoweredOff = (ctx: IntrospectionCtx, node: string, id: string, { ok, error }: Outcome): Promise<void> =>
  ctx.db.transaction(async (tx) => {
    const run = await lockThisRun(tx, node, id);
    if (run?.state !== 'processing') return;
    await notePhase(tx, node, ok ? 'powered off' : 'power off failed', ok ? undefined : error);
    const failed = !ok && !run.discovered;
    await finishRun(
      ctx,
      tx,
      run,
      failed
        ? { state: 'error', error: `The machine could not be powered off: ${error}` }
        : { state: 'finished', error: null },
    );
  });
