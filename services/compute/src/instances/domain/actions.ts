import { notFound } from '@nefos/service-kit';
import type { ComputeRequest } from '../../ctx.js';
import { callerOf } from '../../access/domain/caller.js';
import { dbOf } from '../../access/domain/claim.js';
import type { Permission } from '../../access/domain/permissions.js';
import { acceptAction, askedBy } from '../../operations/domain/accept.js';
import { driverAway } from '../../operations/domain/driver-errors.js';
import { overrideState } from '../../operations/domain/end.js';
import { deleteProtected, demandSupported, locked, transitionRefused } from '../../operations/domain/faults.js';
import { refuseHeld } from '../../operations/domain/holds.js';
import { lockState } from '../../operations/domain/read-state.js';
import type { VmState } from '../../operations/instance-states.js';
import { TRANSITIONS, type JobAction } from '../../operations/transitions.js';
import type { DriverError } from '../../ports/driver.js';
import { deleteVolumesWith } from '../../volumes/domain/for-instances.js';
import { acceptAsked } from './accepting.js';
import { findReachable, getInstance } from './instances.js';

export type UserAction = 'stop' | 'start' | 'reboot' | 'suspend' | 'resume' | 'pause' | 'unpause';
const PERMISSION: Record<UserAction, Permission> = {
  stop: 'instances.stop',
  start: 'instances.start',
  reboot: 'instances.reboot',
  suspend: 'instances.suspend',
  resume: 'instances.resume',
  pause: 'instances.suspend',
  unpause: 'instances.resume',
};

/**
 * The transition that carries an action out: a reboot is soft when the guest runs and no type is given, resume also
 * ends a pause (contract compute §6.5).
 */
const transitionOf = (action: UserAction, type: 'SOFT' | 'HARD' | undefined, vmState: VmState): JobAction => {
  if (action === 'reboot')
    return (type ?? (vmState === 'active' ? 'SOFT' : 'HARD')) === 'SOFT' ? 'rebootSoft' : 'rebootHard';
  return action === 'resume' && vmState === 'paused' ? 'unpause' : action;
};

/**
 * Accepts an action on an instance.
 * @returns id of the operation that carries it out
 * @throws Fault not_found, forbidden, forbidden/client.suspended, conflict/action.unsupported, and those of
 * `acceptAction`
 */
export const requestAction = async (
  ctx: ComputeRequest,
  id: string,
  action: UserAction,
  type?: 'SOFT' | 'HARD',
): Promise<string> => {
  const { clientId, regionId, vmState } = await findReachable(ctx, id, PERMISSION[action]);
  const { staff } = callerOf(ctx);
  const transition = transitionOf(action, type, vmState);
  demandSupported(ctx, regionId, action);
  return dbOf(ctx).transaction(async (tx) => {
    await refuseHeld(tx, { clientId, instanceId: id }, { staff, wakes: TRANSITIONS[transition].wakes });
    return acceptAction(tx, { instanceId: id, clientId, action: transition, ...askedBy(ctx), bypassLock: staff });
  });
};

/**
 * Accepts the deletion of an instance, whatever its state.
 * @param options.deleteVolumes all volumes that it has go with it
 * @returns id of the operation that deletes it: the same one when it is being deleted already
 * @throws Fault not_found, forbidden, conflict/instance.locked, conflict/instance.protected,
 * conflict/volume.protected
 */
export const requestDelete = async (
  ctx: ComputeRequest,
  id: string,
  { deleteVolumes = false }: { deleteVolumes?: boolean } = {},
): Promise<string> => {
  const found = await findReachable(ctx, id, 'instances.destroy');
  const { staff } = callerOf(ctx);
  return dbOf(ctx).transaction(async (tx) => {
    const state = await lockState(tx, id, found.clientId);
    if (!state) throw notFound();
    if (state.lockedBy && !staff) throw locked(id);
    if (state.deleteProtection) throw deleteProtected();
    if (deleteVolumes) await deleteVolumesWith(tx, id);
    if (state.taskState === 'deleting' && state.operationId) return state.operationId;
    return acceptAction(tx, { instanceId: id, action: 'delete', ...askedBy(ctx), bypassLock: staff });
  });
};

/** Staff set the state of a stuck instance; its operation is canceled. @throws Fault not_found, forbidden */
export const resetState = async (ctx: ComputeRequest, id: string, state: 'active' | 'error'): Promise<void> => {
  await findReachable(ctx, id, 'instances.reset-state');
  await dbOf(ctx).transaction(async (tx) => {
    if (!(await overrideState(tx, id, state))) throw notFound();
  });
};

/** Keeps an instance as an image, on no host, or brings it back. @throws Fault as `acceptAsked` */
export const requestShelving = (ctx: ComputeRequest, id: string, action: 'shelve' | 'unshelve'): Promise<string> =>
  acceptAsked(ctx, id, {
    segment: action,
    permission: action === 'shelve' ? 'instances.suspend' : 'instances.resume',
    needs: 'shelve',
    action,
  });

/**
 * The last lines of the serial console.
 * @throws Fault not_found, conflict/instance.not_launched: there is no machine, unavailable/driver.timeout,
 * unavailable/driver.unavailable
 */
export const readConsole = async (ctx: ComputeRequest, id: string, lines: number): Promise<string> => {
  const { regionId } = await getInstance(ctx, id);
  try {
    return await ctx.drivers.of(regionId).consoleLog({ portalId: id, backendId: null }, lines);
  } catch (err) {
    const { code } = err as DriverError;
    if (code === 'NOT_FOUND') throw transitionRefused(id, 'start', { code: 'not_launched' });
    throw driverAway(err);
  }
};
