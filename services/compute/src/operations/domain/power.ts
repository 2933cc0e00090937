import { enqueue } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { dbOf } from '../../access/domain/claim.js';
import {
  abandoned,
  copyPower,
  findState,
  pageOfBeliefs,
  type Believed,
  type InstanceState,
} from '../store/instance-state.js';
import { regionIds } from '../../catalog/domain/parts.js';
import { settleHold } from './holds.js';
import { accept, queueOf } from './accept.js';
import { POWER, type PowerState } from '../instance-states.js';
import { tellMetering } from './metered-facts.js';

const PAGE = 500;
const OFF: readonly PowerState[] = [POWER.shutdown, POWER.crashed];
const RUNS: readonly PowerState[] = [POWER.running, POWER.paused, POWER.suspended];

/** What contract compute §7.3 does about a machine that is not as its row says: `stop` goes through the stop path. */
export const remedyFor = (vmState: InstanceState['vm_state'], powerState: PowerState): 'stop' | 'log' | null => {
  if (vmState === 'active') return OFF.includes(powerState) ? 'stop' : powerState === POWER.running ? null : 'log';
  if (vmState === 'stopped') return RUNS.includes(powerState) ? 'stop' : null;
  return vmState === 'paused' && OFF.includes(powerState) ? 'stop' : null;
};

/** Compares one instance with its machine, and acts. A running task settles that by itself. */
export const lookAtInstance = async (ctx: ComputeCtx, id: string): Promise<void> => {
  const now = await findState(dbOf(ctx), id);
  if (!now || now.task_state !== null) return;
  const view = await ctx.drivers.of(now.region_id).get({ portalId: id, backendId: null });
  await dbOf(ctx).transaction(async (tx) => {
    // The machine was looked at before the row was locked: an operation that came in between, ended or not, wins.
    const row = await copyPower(tx, id, now.operation_id, view?.powerState ?? POWER.none);
    if (!row) return;
    await tellMetering(tx, id);
    const remedy = remedyFor(row.vm_state, view?.powerState ?? POWER.none);
    if (remedy === 'log')
      ctx.log.warn(
        { instance: id, vm_state: row.vm_state, power_state: view?.powerState ?? null },
        'a machine is not as its instance says',
      );
    if (remedy === 'stop' && row.launched)
      await accept(tx, {
        instanceId: id,
        action: 'stop',
        by: null,
        requestId: null,
        bypassLock: true,
        from: [row.vm_state],
      });
    else await settleHold(tx, id);
  });
};
/** Has an instance looked at soon: the driver said that its machine changed. */
export const reportPowerChange = (ctx: ComputeCtx, instanceId: string): Promise<void> =>
  dbOf(ctx).transaction((tx) =>
    enqueue(tx, 'instance.look', { instance: instanceId }, { key: `look:${instanceId}`, queue: queueOf(instanceId) }),
  );

const differs = (row: Believed, powerState: PowerState): boolean =>
  row.task_state === null &&
  row.launched &&
  (row.power_state !== powerState ||
    remedyFor(row.vm_state, powerState) !== null ||
    (row.held && (row.vm_state === 'active' || row.vm_state === 'paused')));

/**
 * Compares every instance of every region with its machine, a page at a time, and clears away what a build left behind
 * that failed or was overtaken by a delete.
 */
export const sweepPower = async (ctx: ComputeCtx): Promise<{ looked: number; repaired: number; cleared: number }> => {
  let looked = 0;
  let repaired = 0;
  let cleared = 0;
  for (const region of await regionIds(dbOf(ctx))) {
    const driver = ctx.drivers.of(region);
    const powers = new Map<string, PowerState>();
    for (let after: string | null = null; ;) {
      const views = await driver.list({ after, limit: PAGE });
      const left = await abandoned(
        dbOf(ctx),
        views.map((one) => one.ref.portalId),
      );
      for (const { ref, powerState } of views) {
        if (left.has(ref.portalId)) {
          await driver.destroy(ref);
          cleared += 1;
        } else powers.set(ref.portalId, powerState);
      }
      after = views.at(-1)?.ref.portalId ?? null;
      if (views.length < PAGE) break;
    }
    for (let after: string | null = null; ;) {
      const rows = await pageOfBeliefs(dbOf(ctx), region, after, PAGE);
      for (const row of rows)
        if (differs(row, powers.get(row.id) ?? POWER.none)) {
          await lookAtInstance(ctx, row.id);
          repaired += 1;
        }
      looked += rows.length;
      after = rows.at(-1)?.id ?? null;
      if (rows.length < PAGE) break;
    }
  }
  return { looked, repaired, cleared };
};
