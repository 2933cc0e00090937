import { randomUUID } from 'node:crypto';
import { conflict, enqueue, type Queryable, type Tx } from '@nefos/service-kit';
import { record, SYSTEM } from '../../access/domain/audit.js';
import type { IntrospectionCtx } from '../../ctx.js';
import { lockNode } from '../../nodes/domain/nodes.js';
import { notePowerFailure, notePowerState, notePowerTarget } from '../../nodes/domain/power.js';
import { deletePowerOrder, findPowerOrder, insertPowerOrder, type PowerOrder } from '../store/power-orders.js';
import type { BootDevice, PowerState, PowerTarget } from './driver.js';
import { bmcSettings } from './settings.js';
import { STEP_POWER } from './task-names.js';

export interface PowerWish {
  target: PowerTarget;
  /** Set first. */
  bootDevice?: BootDevice;
  persistent?: boolean;
  /** Not before; see `reserveReboot`. */
  runAt?: Date;
  /** How long the machine may take to be off, and to be on. */
  timeoutSeconds?: number | undefined;
  /** Who asks, for the audit record; absent: this service. */
  actor?: string;
  /**
   * The job that is to run when it has ended, in the same transaction. Its payload gets, beside what is given here,
   * `order`, `ok` (1 or 0), and `error` when it is 0: a sentence for the operator.
   */
  then?: { task: string; payload: Record<string, string | number> };
}

/** An operating system takes longer to shut down than a power supply. */
const SOFT_SECONDS = 600;
const timeoutOf = (ctx: IntrospectionCtx, { target, timeoutSeconds }: PowerWish): number => {
  const usual = bmcSettings(ctx.config).powerTimeoutSeconds;
  return timeoutSeconds ?? (target.startsWith('soft') ? Math.max(SOFT_SECONDS, usual) : usual);
};

/** Adds the job that goes on with an order. */
export const enqueueStep = (ctx: IntrospectionCtx, tx: Tx, nodeUuid: string, inMs: number): Promise<void> =>
  enqueue(
    tx,
    STEP_POWER,
    { node: nodeUuid },
    { key: `${STEP_POWER}:${nodeUuid}`, ...(inMs > 0 && { runAt: new Date(ctx.clock.now().getTime() + inMs) }) },
  );
/**
 * Orders that a machine be brought to a power state; jobs do it, step by step, whatever process dies meanwhile.
 * @returns the order's id
 * @throws Fault conflict node.busy: another order of the node is under way
 */
export const requestPower = async (
  ctx: IntrospectionCtx,
  tx: Tx,
  nodeUuid: string,
  wish: PowerWish,
): Promise<string> => {
  const { target, bootDevice, persistent = false, runAt, actor = SYSTEM, then } = wish;
  const id = randomUUID();
  // The node first, as everybody does who changes it with what belongs to it.
  await lockNode(tx, nodeUuid);
  const isNew = await insertPowerOrder(tx, {
    ...{ nodeUuid, id, actor, target, persistent, bootDevice: bootDevice ?? null, beginsAt: runAt ?? null },
    step: bootDevice === undefined ? 'look' : 'prepare',
    timeoutSeconds: timeoutOf(ctx, wish),
    thenTask: then?.task ?? null,
    thenPayload: then?.payload ?? {},
  });
  if (!isNew) throw conflict('node.busy', { message: `Node ${nodeUuid} is locked: it is being switched.` });
  await notePowerTarget(tx, nodeUuid, target);
  const details = { order: id, target, boot_device: bootDevice ?? null };
  await record(tx, { actor, operation: 'bmc.power', nodeUuid, result: 'accepted', details });
  await enqueueStep(ctx, tx, nodeUuid, runAt ? runAt.getTime() - ctx.clock.now().getTime() : 0);
  return id;
};
/** Whether a machine is being switched. */
export const isBeingSwitched = async (q: Queryable, nodeUuid: string): Promise<boolean> =>
  (await findPowerOrder(q, nodeUuid)) !== undefined;

/** How an order ended: in a power state, or by a failure (a code and a sentence). */
export type Ending = { state: PowerState } | { failure: string; error: string };
/** Ends an order once, and starts what waits for it. Twice is once. */
export const endOrder = (ctx: IntrospectionCtx, order: PowerOrder, ending: Ending): Promise<void> =>
  ctx.db.transaction(async (tx) => {
    await lockNode(tx, order.nodeUuid);
    if (!(await deletePowerOrder(tx, order))) return;
    const { nodeUuid, id, actor, target, thenTask, thenPayload } = order;
    if ('state' in ending) await notePowerState(tx, nodeUuid, ending.state);
    else await notePowerFailure(tx, nodeUuid, ending.error);
    const result = 'state' in ending ? 'done' : ending.failure;
    await record(tx, { actor, operation: 'bmc.power', nodeUuid, result, details: { order: id, target } });
    if (thenTask === null) return;
    const outcome = 'state' in ending ? { ok: 1 } : { ok: 0, error: ending.error };
    await enqueue(tx, thenTask, { ...thenPayload, order: id, ...outcome }, { key: `${thenTask}:${id}` });
  });
