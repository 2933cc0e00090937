import { databaseAway, ensureJob, Fault } from '@nefos/service-kit';
import type { IntrospectionCtx } from '../../ctx.js';
import { findNode } from '../../nodes/domain/nodes.js';
import {
  findPowerOrder,
  listQuietOrders,
  moveOrder,
  noteContact,
  noteTrouble,
  type PowerOrderNow,
} from '../store/power-orders.js';
import type { PowerStep } from '../power-steps.js';
import { BmcError, type Bmc, type BootDevice, type PowerTarget } from './driver.js';
import { driverOf, targetOf } from './drivers.js';
import { afterLook, COMMANDS, endOf } from './power-decisions.js';
import { endOrder, enqueueStep } from './power-orders.js';
import { bmcSettings } from './settings.js';
import { STEP_POWER } from './task-names.js';
import { trySpeak } from './turns.js';

/** Between two looks at a machine that is changing. */
const LOOK_MS = 1000;
/** Contract §9.1: trouble with the connection is tried five times, four seconds apart. */
const ATTEMPTS = 5;
const TROUBLE_MS = 4000;
const LONGEST_PAUSE_MS = 30_000;

/** What comes next: the step, or a pause in which nothing is held; undefined: somebody else is at this order. */
type Next = { step: PowerStep } | { pauseMs: number } | undefined;

/** One command to the BMC. What is sent is written down before. */
const doStep = async (ctx: IntrospectionCtx, order: PowerOrderNow, bmc: Bmc): Promise<Next> => {
  const { step } = order;
  const target = order.target as PowerTarget;
  /** To be off, and to be on, a machine has its time each; what is sent again has no more of it. */
  const go = async (next: PowerStep): Promise<Next> => {
    const isFirst = COMMANDS[next] !== undefined && COMMANDS[next].mark !== step;
    return (await moveOrder(ctx.db, order, next, isFirst)) ? { step: next } : undefined;
  };
  if (step === 'prepare') {
    await bmc.beforeBootDevice?.();
    return go('device');
  }
  if (step === 'device') {
    await bmc.setBootDevice(order.bootDevice as BootDevice, order.persistent);
    return go('look');
  }
  const sending = COMMANDS[step];
  if (sending) {
    const marked = await go(sending.mark);
    if (marked) await bmc.order(sending.command);
    return marked && { pauseMs: LOOK_MS };
  }
  const next = afterLook(target, step, await bmc.powerState(), order);
  if (next !== undefined) return go(next);
  await noteContact(ctx.db, order);
  return { pauseMs: LOOK_MS };
};
/** Steps until one has to wait, in one turn at the BMC; of BMCs that need pauses one. */
const doSteps = async (ctx: IntrospectionCtx, order: PowerOrderNow, bmc: Bmc, pauseMs: number): Promise<Next> => {
  const next = await doStep(ctx, order, bmc);
  if (!next || 'pauseMs' in next || next.step === 'done') return next;
  if (pauseMs > 0 && !(order.step === 'prepare' && !bmc.beforeBootDevice)) return { pauseMs };
  return doSteps(ctx, { ...order, step: next.step, secondsInStep: 0, error: null }, bmc, pauseMs);
};

const over = ({ target, step, error }: PowerOrderNow): string => {
  const wanted = step === 'off_sent' || step === 'soft_sent' ? 'power off' : endOf(target as PowerTarget);
  return `The machine did not reach "${wanted}" in time${error === null ? '.' : `: ${error}`}`.slice(0, 500);
};
/** What a failure at the BMC means for an order: a pause, or the end. */
const afterFailure = async (ctx: IntrospectionCtx, order: PowerOrderNow, err: BmcError): Promise<Next> => {
  const counts = err.failure === 'unreachable';
  const now = await findPowerOrder(ctx.db, order.nodeUuid);
  if (now?.id !== order.id) return undefined;
  if (!err.passes || (counts && now.attempts + 1 >= ATTEMPTS)) {
    await endOrder(ctx, now, { failure: err.failure, error: err.message });
    return undefined;
  }
  await noteTrouble(ctx.db, now, err.message, counts);
  return { pauseMs: Math.min(err.retryAfterMs ?? TROUBLE_MS, LONGEST_PAUSE_MS) };
};
const workOn = async (ctx: IntrospectionCtx, order: PowerOrderNow, signal: AbortSignal): Promise<Next> => {
  try {
    const node = await findNode(ctx.db, order.nodeUuid);
    if (!node) return undefined;
    const pauseMs = driverOf(node).pauseMs(bmcSettings(ctx.config));
    const inTurn = async (bmc: Bmc): Promise<Next> => {
      // Somebody else may have gone on with it before the turn was ours.
      const now = await findPowerOrder(ctx.db, order.nodeUuid);
      return now?.id === order.id && now.step !== 'done' ? doSteps(ctx, now, bmc, pauseMs) : undefined;
    };
    const spoken = await trySpeak(ctx, targetOf(ctx, node), inTurn, { signal });
    const next = spoken ? spoken.result : { pauseMs: LOOK_MS };
    return next && 'pauseMs' in next ? { pauseMs: Math.max(next.pauseMs, pauseMs) } : next;
  } catch (err) {
    if (err instanceof BmcError) return afterFailure(ctx, order, err);
    if (signal.aborted || databaseAway(err)) throw err;
    // What can not go better the next time: an unknown driver, an envelope that does not open, a fault of ours.
    ctx.log.error({ err, node: order.nodeUuid }, 'a power order failed');
    const said = err instanceof Fault ? err.params.message : undefined;
    const error = typeof said === 'string' ? said : 'Switching the machine failed.';
    await endOrder(ctx, order, { failure: 'failed', error });
    return undefined;
  }
};
/** Orders whose BMC did not answer last time, and is asked now. */
let inTrouble = 0;
/** So many of them at most: a rack without power shall not keep the queue from everybody else's jobs. */
const MOST_IN_TROUBLE = 3;
const workOnTroubled = async (ctx: IntrospectionCtx, order: PowerOrderNow, signal: AbortSignal): Promise<Next> => {
  if (inTrouble >= MOST_IN_TROUBLE) return { pauseMs: TROUBLE_MS };
  inTrouble += 1;
  try {
    return await workOn(ctx, order, signal);
  } finally {
    inTrouble -= 1;
  }
};
/** The job: goes on with the order of a node, and comes again until it has ended. */
export const stepPower = async (ctx: IntrospectionCtx, nodeUuid: string, signal: AbortSignal): Promise<void> => {
  const order = await findPowerOrder(ctx.db, nodeUuid);
  if (!order) return;
  let next: Next = order.step === 'done' ? { step: 'done' } : { pauseMs: order.secondsToBegin * 1000 };
  if (order.step !== 'done' && order.secondsToBegin <= 0) {
    if (order.isOver) return endOrder(ctx, order, { failure: 'timeout', error: over(order) });
    next = await (order.attempts > 0 ? workOnTroubled : workOn)(ctx, order, signal);
  }
  if (!next) return;
  if ('step' in next) return endOrder(ctx, order, { state: endOf(order.target as PowerTarget) });
  const { pauseMs } = next;
  await ctx.db.transaction((tx) => enqueueStep(ctx, tx, nodeUuid, pauseMs));
};

/** Nothing is heard of an order for so long only when its job is gone. */
const QUIET_SECONDS = 90;
/** Gives orders a job again that have lost theirs. @returns how many */
export const reconcilePower = async (ctx: IntrospectionCtx): Promise<number> => {
  const orders = await listQuietOrders(ctx.db, QUIET_SECONDS, 100);
  for (const { nodeUuid } of orders) {
    const order = await findPowerOrder(ctx.db, nodeUuid);
    // Its job may also be out of attempts, and is then not run any more.
    if (order?.isOver) await endOrder(ctx, order, { failure: 'timeout', error: over(order) });
    else
      await ctx.db.transaction((tx) =>
        ensureJob(tx, STEP_POWER, { node: nodeUuid }, { key: `${STEP_POWER}:${nodeUuid}` }),
      );
  }
  return orders.length;
};
