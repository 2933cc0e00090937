import { conflict } from '@nefos/service-kit';
import type { IntrospectionCtx } from '../../ctx.js';
import type { Node } from '../../nodes/domain/nodes.js';
import { notePowerState } from '../../nodes/domain/power.js';
import type { JsonObject } from '../../values.js';
import {
  BmcError,
  validation,
  type BootChoice,
  type BootDevice,
  type BootMode,
  type PowerState,
  type Validation,
} from './driver.js';
import { driverOf, targetOf } from './drivers.js';
import { isBeingSwitched } from './power-orders.js';
import { bmcSettings } from './settings.js';
import { asBmcFault, speak, trySpeak } from './turns.js';

/** An inventory is read in hundreds of small steps. */
const INVENTORY_LIMIT_MS = 180_000;

/** Whether driver_info has what the driver needs (`…/validate`, contract §9.1); speaks to nobody. */
export const validateBmc = (ctx: IntrospectionCtx, node: Node): Validation => {
  try {
    return driverOf(node).validate(targetOf(ctx, node), bmcSettings(ctx.config));
  } catch (err) {
    ctx.log.warn({ err, node: node.uuid }, 'a node could not be validated');
    return validation('The driver of the node, or its sealed driver_info, can not be used.');
  }
};
/** The power state as the BMC says it, which is also noted. null: it does not know now. @throws Fault */
export const readPowerState = async (ctx: IntrospectionCtx, node: Node): Promise<PowerState | null> => {
  const state = await speak(ctx, targetOf(ctx, node), (bmc) => bmc.powerState());
  const isKnown = state !== null && state !== node.powerState && !(await isBeingSwitched(ctx.db, node.uuid));
  if (isKnown) await ctx.db.transaction((tx) => notePowerState(tx, node.uuid, state));
  return state;
};
/**
 * The same for a job, which comes again itself.
 * @returns undefined when somebody else speaks to the BMC, or it says "later"
 * @throws Fault
 */
export const tryPowerState = async (
  ctx: IntrospectionCtx,
  node: Node,
  signal?: AbortSignal,
): Promise<{ result: PowerState | null } | undefined> => {
  try {
    return await trySpeak(ctx, targetOf(ctx, node), (bmc) => bmc.powerState(), { signal });
  } catch (err) {
    if (err instanceof BmcError && err.failure === 'busy') return undefined;
    throw asBmcFault(err);
  }
};
export const bootDeviceOf = (ctx: IntrospectionCtx, node: Node): Promise<BootChoice> =>
  speak(ctx, targetOf(ctx, node), (bmc) => bmc.bootDevice());
export const bootModeOf = (ctx: IntrospectionCtx, node: Node): Promise<BootMode | null> =>
  speak(ctx, targetOf(ctx, node), (bmc) => bmc.bootMode());
export const supportedBootDevices = (ctx: IntrospectionCtx, node: Node): Promise<BootDevice[]> =>
  speak(ctx, targetOf(ctx, node), (bmc) => bmc.supportedBootDevices());

/** A machine that is being switched has its boot device set by that. @throws Fault conflict node.busy */
const demandQuiet = async (ctx: IntrospectionCtx, { uuid }: Node): Promise<void> => {
  if (await isBeingSwitched(ctx.db, uuid))
    throw conflict('node.busy', { message: `Node ${uuid} is locked: it is being switched.` });
};
/** @param actor for the audit record @throws Fault */
export const setBootDevice = async (
  ctx: IntrospectionCtx,
  node: Node,
  { device, persistent }: { device: BootDevice; persistent: boolean },
  actor: string,
): Promise<void> => {
  await demandQuiet(ctx, node);
  const details = { boot_device: device, persistent };
  await speak(
    ctx,
    targetOf(ctx, node),
    async (bmc) => {
      await bmc.beforeBootDevice?.();
      await bmc.setBootDevice(device, persistent);
    },
    { deed: { actor, operation: 'bmc.set_boot_device', details } },
  );
};
/** @param actor for the audit record @throws Fault */
export const setBootMode = async (ctx: IntrospectionCtx, node: Node, mode: BootMode, actor: string): Promise<void> => {
  await demandQuiet(ctx, node);
  const deed = { actor, operation: 'bmc.set_boot_mode', details: { boot_mode: mode } };
  await speak(ctx, targetOf(ctx, node), (bmc) => bmc.setBootMode(mode), { deed });
};
/** Whether the data of a node can be read without booting it. */
export const inspectsOutOfBand = (node: Node): boolean => driverOf(node).inspectsOutOfBand;
/**
 * What the BMC knows of its machine, in the shape that a ramdisk posts: for jobs, since it may take a minute.
 * @returns undefined when somebody else speaks to the BMC, or it says "later"
 * @throws Fault
 */
export const readInventory = async (
  ctx: IntrospectionCtx,
  node: Node,
  signal?: AbortSignal,
): Promise<JsonObject | undefined> => {
  try {
    const spoken = await trySpeak(
      ctx,
      targetOf(ctx, node),
      (bmc) => {
        if (!bmc.inventory) throw new BmcError('unsupported', `The driver ${node.driver} has no data to read.`);
        return bmc.inventory();
      },
      { signal, limitMs: INVENTORY_LIMIT_MS },
    );
    return spoken?.result;
  } catch (err) {
    if (err instanceof BmcError && err.failure === 'busy') return undefined;
    throw asBmcFault(err);
  }
};
