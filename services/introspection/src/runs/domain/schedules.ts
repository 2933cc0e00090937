import { enqueue, Fault, notFound } from '@nefos/service-kit';
import { actorOf, record, SYSTEM } from '../../access/domain/audit.js';
import type { IntrospectionCtx, IntrospectionRequest } from '../../ctx.js';
import { isInspectedOutOfBand } from '../../nodes/domain/drivers.js';
import { demandNode } from '../../nodes/domain/nodes.js';
import { findRun } from '../store/runs.js';
import * as store from '../store/schedules.js';
import type { InspectionSchedule } from '../store/schedules.js';
import { startRun, type Start } from './start.js';
import { TASKS } from './tasks.js';

export type { InspectionSchedule };
const scheduleAbsent = (node: string) =>
  notFound('schedule.absent', { message: `Node ${node} is not introspected regularly` });
/** @throws Fault not_found node.absent, schedule.absent */
export const demandSchedule = async ({ db }: IntrospectionCtx, ref: string): Promise<InspectionSchedule> => {
  const { uuid } = await demandNode(db, ref);
  const found = await store.findSchedule(db, uuid);
  if (!found) throw scheduleAbsent(uuid);
  return found;
};
/** @throws Fault not_found node.absent */
export const setSchedule = async (
  ctx: IntrospectionRequest,
  ref: string,
  { everySeconds, firstInSeconds = everySeconds }: { everySeconds: number; firstInSeconds?: number | undefined },
): Promise<InspectionSchedule> => {
  const { uuid: nodeUuid } = await demandNode(ctx.db, ref);
  return ctx.db.transaction(async (tx) => {
    const written = await store.writeSchedule(tx, nodeUuid, everySeconds, firstInSeconds);
    if (!written) throw scheduleAbsent(nodeUuid);
    const deed = { actor: actorOf(ctx.principal), operation: 'introspection.schedule', nodeUuid, result: 'done' };
    await record(tx, { ...deed, details: { every_seconds: everySeconds } });
    return written;
  });
};
/** @throws Fault not_found node.absent, schedule.absent */
export const removeSchedule = async (ctx: IntrospectionRequest, ref: string): Promise<void> => {
  const { uuid: nodeUuid } = await demandNode(ctx.db, ref);
  await ctx.db.transaction(async (tx) => {
    if (!(await store.deleteSchedule(tx, nodeUuid))) throw scheduleAbsent(nodeUuid);
    await record(tx, {
      actor: actorOf(ctx.principal),
      operation: 'introspection.unschedule',
      nodeUuid,
      result: 'done',
    });
  });
};

/** Starts what is due: a job for each node, so that none is left out when this process dies. @returns how many */
export const startDue = async ({ db }: IntrospectionCtx): Promise<number> => {
  let total = 0;
  for (;;) {
    const due = await db.transaction(async (tx) => {
      const nodes = await store.takeDue(tx);
      for (const { nodeUuid: node, nextAt } of nodes)
        await enqueue(
          tx,
          TASKS.scheduled,
          { node, next: nextAt },
          { key: `${TASKS.scheduled}:${node}`, maxAttempts: 5 },
        );
      return nodes;
    });
    if (!due.length) return total;
    total += due.length;
  }
};
export type StartOutOfBand = (
  ctx: IntrospectionCtx,
  node: string,
  start: Pick<Start, 'cause' | 'actor'>,
) => Promise<void>;
/**
 * The job: a start, once for each time, but where a run has not ended or the node does not allow it, which is recorded.
 * @param next the time after this one, which names it
 * @param startOutOfBand starts a run that asks the BMC and boots nothing, for nodes that are inspected so
 */
export const startScheduled = async (
  ctx: IntrospectionCtx,
  { node, next }: { node: string; next: string },
  startOutOfBand: StartOutOfBand,
): Promise<void> => {
  const skipped = (result: string): Promise<void> =>
    record(ctx.db, {
      actor: SYSTEM,
      operation: 'introspection.start',
      nodeUuid: node,
      result,
      details: { cause: 'schedule' },
    });
  const run = await findRun(ctx.db, node);
  if (run && run.state !== 'finished' && run.state !== 'error') return skipped('run.state');
  try {
    const idempotencyKey = `schedule:${next.replaceAll(' ', '_')}`;
    const start = { cause: 'schedule' as const, actor: SYSTEM };
    if (isInspectedOutOfBand(await demandNode(ctx.db, node))) await startOutOfBand(ctx, node, start);
    else await startRun(ctx, node, { ...start, manageBoot: true, idempotencyKey });
  } catch (err) {
    if (!(err instanceof Fault) || err.kind === 'unavailable' || err.kind === 'internal') throw err;
    if (err.code !== 'node.absent') await skipped(err.code);
  }
};
