import { notFound, unavailable } from '@nefos/service-kit';
import type { ComputeRequest } from '../../ctx.js';
import { dbOf } from '../../access/domain/claim.js';
import type { DriverError } from '../../ports/driver.js';
import { lockState } from '../../operations/domain/state.js';
import { callerOf } from '../../access/domain/caller.js';
import { refuseHeld } from '../../operations/domain/holds.js';
import { accept } from '../../operations/domain/accept.js';
import { deleteProtected, locked, refusedBy, unsupported } from '../../operations/domain/faults.js';
import { TRANSITIONS, type JobAction } from '../../operations/instance-states.js';
import { getInstance, reachInstance } from './instances.js';
import { overrideState } from '../../operations/domain/end.js';
import type { Permission } from '../../access/domain/permissions.js';

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

/** Which transition an action means, given the state: a reboot is soft when the guest runs, and resume also un-pauses (contract compute §6.5). */
const transitionOf = (action: UserAction, type: 'SOFT' | 'HARD' | undefined, vmState: string): JobAction => {
  if (action === 'reboot')
    return (type ?? (vmState === 'active' ? 'SOFT' : 'HARD')) === 'SOFT' ? 'rebootSoft' : 'rebootHard';
  return action === 'resume' && vmState === 'paused' ? 'unpause' : action;
};

/**
 * Accepts an action on an instance. @returns the operation that carries it out
 * @throws Fault not_found, forbidden, forbidden/client_suspended, conflict/locked, conflict/invalid_state, conflict/busy, conflict/unsupported
 */
export const requestAction = async (
  ctx: ComputeRequest,
  id: string,
  action: UserAction,
  type?: 'SOFT' | 'HARD',
): Promise<string> => {
  const now = await reachInstance(ctx, id, PERMISSION[action]);
  const { staff, userId, username } = callerOf(ctx);
  const transition = transitionOf(action, type, now.vm_state);
  if (!ctx.drivers.of(now.region_id).capabilities.actions.has(action)) throw unsupported(action);
  return dbOf(ctx).transaction(async (tx) => {
    await refuseHeld(tx, { clientId: now.client_id, instanceId: id }, { staff, wakes: TRANSITIONS[transition].wakes });
    return accept(tx, {
      instanceId: id,
      action: transition,
      by: { id: userId, name: username },
      requestId: ctx.requestId,
      bypassLock: staff,
    });
  });
};

/** Accepts the end of an instance, whatever it is doing; asked again, names the operation that is at it. @throws Fault not_found, conflict/locked, conflict/delete_protected */
export const requestDelete = async (ctx: ComputeRequest, id: string): Promise<string> => {
  await reachInstance(ctx, id, 'instances.destroy');
  const { staff, userId, username } = callerOf(ctx);
  return dbOf(ctx).transaction(async (tx) => {
    const now = await lockState(tx, id);
    if (!now) throw notFound();
    if (now.locked_by && !staff) throw locked(id);
    if (now.delete_protection) throw deleteProtected();
    if (now.task_state === 'deleting' && now.operation_id) return now.operation_id;
    return accept(tx, {
      instanceId: id,
      action: 'delete',
      by: { id: userId, name: username },
      requestId: ctx.requestId,
      bypassLock: staff,
    });
  });
};

/** Staff's way out of a stuck state: at once, and whatever ran is given up. @throws Fault not_found, forbidden */
export const resetState = async (ctx: ComputeRequest, id: string, state: 'active' | 'error'): Promise<void> => {
  await reachInstance(ctx, id, 'instances.reset-state');
  await dbOf(ctx).transaction(async (tx) => {
    if (!(await overrideState(tx, id, state))) throw notFound();
  });
};

/** What no driver can do yet: who may not ask is told so first. @throws Fault, always */
export const refuseUnsupported = async (
  ctx: ComputeRequest,
  id: string,
  action: string,
  permission: Permission | null,
): Promise<never> => {
  if (permission) await reachInstance(ctx, id, permission);
  else await getInstance(ctx, id);
  throw unsupported(action);
};

/** The last lines of the serial console. @throws Fault not_found, conflict when there is no machine, unavailable */
export const readConsole = async (ctx: ComputeRequest, id: string, lines: number): Promise<string> => {
  const { region_id: region } = await getInstance(ctx, id);
  try {
    return await ctx.drivers.of(region).consoleLog({ portalId: id, backendId: null }, lines);
  } catch (err) {
    const { code } = err as DriverError;
    if (code === 'NOT_FOUND') throw refusedBy(id, 'start', { code: 'not_launched' });
    throw unavailable(
      code === 'TIMEOUT' ? 'driver_timeout' : 'driver_unavailable',
      { detail: 'The hypervisor does not answer.' },
      err,
    );
  }
};
