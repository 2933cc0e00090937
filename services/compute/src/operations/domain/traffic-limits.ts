import type { Tx } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { recordEvent } from '../../events/domain/record.js';
import { momentOf } from '../../traffic/domain/moment.js';
import {
  listDueLimits,
  lockTraffic,
  noteLimit,
  writeLimit,
  type LimitChanges,
  type LockedTraffic,
} from '../../traffic/domain/traffic.js';
import { listBlockedBefore, lockState, setTrafficBlocked } from '../store/instance-state.js';
import { settleHold } from './holds.js';

// An instance that is blocked is held as those of a suspended client are: it is stopped, nobody starts it, and it runs
// again when it is blocked no longer (contract compute §14.3).

const BATCH = 500;

const isOver = ({ month, monthBytes, limit }: LockedTraffic, now: string): boolean =>
  limit !== null && month === now && monthBytes >= limit;
const block = async (tx: Tx, instanceId: string, blocked: boolean): Promise<void> => {
  await setTrafficBlocked(tx, instanceId, blocked);
  await settleHold(tx, instanceId);
};
/** Does what is to be done about a limit that was reached; once a month. */
const reachLimit = (ctx: ComputeCtx, instanceId: string): Promise<boolean> =>
  ctx.db.transaction(async (tx) => {
    const moment = momentOf(ctx);
    // The instance is locked first, as everywhere.
    const state = await lockState(tx, instanceId);
    const [row] = await lockTraffic(tx, [instanceId], moment);
    if (!row?.limitDue) return false;
    const { limit, action, monthBytes, limitMonth } = row;
    const reached = state !== undefined && isOver(row, moment.month) && limitMonth !== moment.month;
    await noteLimit(tx, instanceId, { due: false, month: reached ? moment.month : limitMonth });
    if (!reached) return false;
    await recordEvent(tx, {
      type: 'instance.traffic_limit',
      clientId: state.clientId,
      objectType: 'instance',
      objectId: instanceId,
      data: { region: state.regionId, month: moment.month, limit_bytes: limit, used_bytes: monthBytes, action },
    });
    if (action === 'stop') await block(tx, instanceId, true);
    return true;
  });
/** An instance that is blocked for a month that is over may run. */
const release = (ctx: ComputeCtx, instanceId: string): Promise<void> =>
  ctx.db.transaction(async (tx) => {
    const state = await lockState(tx, instanceId);
    const moment = momentOf(ctx);
    const [row] = await lockTraffic(tx, [instanceId], moment);
    if (state?.trafficBlocked && row?.limitMonth !== moment.month) await block(tx, instanceId, false);
  });
/** Does what limits ask for, and lets instances run again when the month is over. */
export const sweepTrafficLimits = async (ctx: ComputeCtx): Promise<{ reached: number; released: number }> => {
  let reached = 0;
  for (const id of await listDueLimits(ctx.db, BATCH)) if (await reachLimit(ctx, id)) reached += 1;
  const blocked = await listBlockedBefore(ctx.db, momentOf(ctx).month, BATCH);
  for (const id of blocked) await release(ctx, id);
  return { reached, released: blocked.length };
};

/**
 * Sets the limit of an instance, whose row is locked. One that is blocked runs again unless the new limit is reached,
 * too; a limit that is reached counts anew.
 */
export const changeTrafficLimit = async (
  ctx: ComputeCtx,
  tx: Tx,
  instanceId: string,
  changes: LimitChanges,
): Promise<void> => {
  const moment = momentOf(ctx);
  await writeLimit(tx, instanceId, changes);
  const [row] = await lockTraffic(tx, [instanceId], moment);
  if (!row) return;
  const over = isOver(row, moment.month);
  const state = await lockState(tx, instanceId);
  const stays = over && row.action === 'stop' && state?.trafficBlocked === true;
  await noteLimit(tx, instanceId, { due: over && !stays, month: stays ? moment.month : null });
  if (state?.trafficBlocked && !stays) await block(tx, instanceId, false);
};
