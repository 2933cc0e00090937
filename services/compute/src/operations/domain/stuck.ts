import type { ComputeCtx } from '../../ctx.js';
import { endTask, lockState, orphanedTasks } from '../store/instance-state.js';
import { hasJob, takeStuck } from '../store/operations.js';
import { accept, enqueueRun, jobKey } from './accept.js';
import { tellMetering } from './metered-facts.js';

const BATCH = 200;
const CHECK_SECONDS = 20;

/**
 * Finds operations that are due for a look and have no job (their row was lost, or the job was given up), and instances whose task
 * belongs to no operation; gives each of them its job again, or ends the task. Deadlines are judged by the job itself.
 */
export const sweepStuck = async (ctx: ComputeCtx): Promise<{ due: number; requeued: number; orphaned: number }> => {
  const due = await takeStuck(ctx.db, BATCH, CHECK_SECONDS);
  let requeued = 0;
  for (const { id, instance_id: instanceId, action } of due)
    await ctx.db.transaction(async (tx) => {
      if (await hasJob(tx, jobKey(id))) return;
      await enqueueRun(tx, { operationId: id, instanceId, action });
      requeued += 1;
    });
  const orphaned = await orphanedTasks(ctx.db, BATCH);
  for (const { id } of orphaned)
    await ctx.db.transaction(async (tx) => {
      const now = await lockState(tx, id);
      if (!now || now.task_state === null) return;
      if (now.task_state === 'deleting') {
        await accept(tx, {
          instanceId: id,
          action: 'delete',
          by: null,
          requestId: null,
          bypassLock: true,
          bypassProtection: true,
        });
        return;
      }
      await endTask(
        tx,
        id,
        null,
        now.vm_state === 'building'
          ? { vmState: 'error', powerState: null, fault: { code: 'internal', message: 'The build was lost.' } }
          : { vmState: now.vm_state, powerState: null },
      );
      await tellMetering(tx, id);
    });
  if (requeued || orphaned.length)
    ctx.log.warn({ requeued, orphaned: orphaned.length }, 'stuck instances were taken up again');
  return { due: due.length, requeued, orphaned: orphaned.length };
};
