import { enqueue } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { dbOf } from '../../access/domain/claim.js';
import { listRegionIds } from '../../catalog/domain/parts.js';
import type { ComputeDriver } from '../../ports/driver.js';
import {
  copyPowerState,
  findAbandoned,
  findState,
  listRecordedStates,
  type RecordedState,
} from '../store/instance-state.js';
import { POWER, type PowerState, type VmState } from '../instance-states.js';
import { acceptSystemAction } from './accept.js';
import { settleHold } from './holds.js';
import { publishMeteredFact } from './metered-facts.js';
import { mendNames } from './names.js';

const PAGE = 500;
const OFF: readonly PowerState[] = [POWER.shutdown, POWER.crashed];
const RUNS: readonly PowerState[] = [POWER.running, POWER.paused, POWER.suspended];

/** States that a held instance has to leave. */
const HELD_RUNS: readonly VmState[] = ['active', 'paused', 'rescued', 'resized'];

/** What to do about a machine whose power state does not fit its instance (contract compute §7.3). */
export const remedyFor = (vmState: VmState, powerState: PowerState): 'stop' | 'log' | null => {
  if (vmState === 'active') return OFF.includes(powerState) ? 'stop' : powerState === POWER.running ? null : 'log';
  if (vmState === 'stopped') return RUNS.includes(powerState) ? 'stop' : null;
  return vmState === 'paused' && OFF.includes(powerState) ? 'stop' : null;
};

/** Compares one idle instance with its machine: copies the power state and applies the remedy. */
export const checkPowerState = async (ctx: ComputeCtx, id: string): Promise<void> => {
  const before = await findState(ctx.db, id);
  if (!before || before.taskState !== null) return;
  const view = await ctx.drivers.of(before.regionId).get({ portalId: id, backendId: null });
  const powerState = view?.powerState ?? POWER.none;
  await ctx.db.transaction(async (tx) => {
    // The driver was asked before the row is locked: an operation that was accepted in between wins, whether it has
    // ended or not.
    const state = await copyPowerState(tx, id, before.operationId, powerState);
    if (!state) return;
    await publishMeteredFact(tx, id);
    const remedy = remedyFor(state.vmState, powerState);
    if (remedy === 'log')
      ctx.log.warn(
        { instance: id, vm_state: state.vmState, power_state: view?.powerState ?? null },
        'the power state of a machine does not fit its instance',
      );
    if (remedy === 'stop' && state.launched) await acceptSystemAction(tx, id, 'stop', [state.vmState]);
    else await settleHold(tx, id);
  });
};
/** Enqueues a check of the power state. Only the simulator's endpoint calls it so far. */
export const reportPowerChange = (ctx: ComputeCtx, instanceId: string): Promise<void> =>
  dbOf(ctx).transaction((tx) => enqueue(tx, 'instance.look', { instance: instanceId }, { key: `look:${instanceId}` }));

const needsCheck = (row: RecordedState, powerState: PowerState): boolean =>
  row.taskState === null &&
  row.launched &&
  (row.powerState !== powerState ||
    remedyFor(row.vmState, powerState) !== null ||
    (row.held && HELD_RUNS.includes(row.vmState)));

/**
 * Reads the power states of all machines of a driver, a page at a time, names anew those that bear another name than
 * their instances, and destroys those that no instance has any more.
 */
const readMachines = async (
  ctx: ComputeCtx,
  driver: ComputeDriver,
): Promise<{ powerStates: Map<string, PowerState>; destroyed: number }> => {
  const powerStates = new Map<string, PowerState>();
  let destroyed = 0;
  for (let after: string | null = null; ;) {
    const views = await driver.list({ after, limit: PAGE });
    const ids = views.map((one) => one.ref.portalId);
    if (driver.capabilities.actions.has('rename')) await mendNames(ctx, views);
    const abandoned = await findAbandoned(ctx.db, ids);
    for (const { ref, powerState } of views) {
      if (abandoned.has(ref.portalId)) {
        // Asked again: a failed build may have been tried anew while others were destroyed.
        if (!(await findAbandoned(ctx.db, [ref.portalId])).has(ref.portalId)) continue;
        await driver.destroy(ref);
        destroyed += 1;
      } else powerStates.set(ref.portalId, powerState);
    }
    after = ids.at(-1) ?? null;
    if (views.length < PAGE) return { powerStates, destroyed };
  }
};
/** Checks the instances of a region whose rows differ from their machines, a page at a time. */
const checkInstances = async (
  ctx: ComputeCtx,
  region: string,
  powerStates: ReadonlyMap<string, PowerState>,
): Promise<{ compared: number; checked: number }> => {
  let compared = 0;
  let checked = 0;
  for (let after: string | null = null; ;) {
    const rows = await listRecordedStates(ctx.db, region, after, PAGE);
    for (const row of rows)
      if (needsCheck(row, powerStates.get(row.id) ?? POWER.none)) {
        await checkPowerState(ctx, row.id);
        checked += 1;
      }
    compared += rows.length;
    after = rows.at(-1)?.id ?? null;
    if (rows.length < PAGE) return { compared, checked };
  }
};
/**
 * Compares every instance of every region with its machine, and destroys machines that are left of a failed build or
 * of a deleted instance.
 * @returns how many instances were compared and of those checked, since they differ, and how many machines destroyed
 * @throws the failure of the first region that could not be compared, when all others are
 */
export const sweepPower = async (
  ctx: ComputeCtx,
): Promise<{ compared: number; checked: number; destroyed: number }> => {
  const total = { compared: 0, checked: 0, destroyed: 0 };
  const failures: unknown[] = [];
  for (const region of await listRegionIds(ctx.db))
    try {
      const { powerStates, destroyed } = await readMachines(ctx, ctx.drivers.of(region));
      const { compared, checked } = await checkInstances(ctx, region, powerStates);
      total.compared += compared;
      total.checked += checked;
      total.destroyed += destroyed;
    } catch (err) {
      // A cloud that is away does not keep the others from being compared.
      ctx.log.warn({ err, region }, 'the machines of a region could not be compared');
      failures.push(err);
    }
  if (failures.length) throw failures[0];
  return total;
};
