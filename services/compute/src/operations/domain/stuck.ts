import type { Tx } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { releasePorts } from '../../networking/domain/machine-ports.js';
import { endTask, listOrphanedTasks, lockState } from '../store/instance-state.js';
import { claimDueChecks } from '../store/operations.js';
import { acceptSystemAction, enqueueRun, withoutJob } from './accept.js';
import { BUILD_LOST } from './stored-failures.js';
import { settleHold } from './holds.js';
import { publishMeteredFact } from './metered-facts.js';
import { CHECK_SECONDS } from './run.js';

const BATCH = 200;

/** Ends a task that no operation carries out; a delete is accepted anew, since nothing else may follow it. */
const endOrphanedTask = async (ctx: ComputeCtx, tx: Tx, instanceId: string): Promise<void> => {
  const state = await lockState(tx, instanceId);
  if (!state || state.taskState === null) return;
  if (state.taskState === 'deleting') {
    await acceptSystemAction(tx, instanceId, 'delete');
    return;
  }
  const outcome =
    state.vmState === 'building' ? ({ vmState: 'error', fault: BUILD_LOST } as const) : { vmState: state.vmState };
  await endTask(tx, instanceId, null, { ...outcome, powerState: null });
  if (state.vmState === 'building') await releasePorts(ctx, tx, instanceId);
  await publishMeteredFact(tx, instanceId);
  await settleHold(tx, instanceId);
};

/**
 * Finds operations whose check is due and which have no job (it was lost or has failed for good), and gives them a
 * job; finds instances in a task that no operation carries out, and ends the task. Deadlines are judged by the job.
 */
export const sweepStuck = async (ctx: ComputeCtx): Promise<{ due: number; requeued: number; orphaned: number }> => {
  const due = await claimDueChecks(ctx.db, BATCH, CHECK_SECONDS);
  const requeued = await withoutJob(ctx.db, due);
  for (const { id: operationId, instanceId, action } of requeued)
    await ctx.db.transaction((tx) => enqueueRun(tx, { operationId, instanceId, action }));
  const orphaned = await listOrphanedTasks(ctx.db, BATCH);
  for (const { id } of orphaned) await ctx.db.transaction((tx) => endOrphanedTask(ctx, tx, id));
  if (requeued.length || orphaned.length)
    ctx.log.warn(
      { requeued: requeued.length, orphaned: orphaned.length },
      'operations without a job were continued, tasks without an operation ended',
    );
  return { due: due.length, requeued: requeued.length, orphaned: orphaned.length };
};
