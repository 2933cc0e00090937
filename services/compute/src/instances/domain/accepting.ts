import { notFound, type Tx } from '@nefos/service-kit';
import { callerOf } from '../../access/domain/caller.js';
import { dbOf } from '../../access/domain/claim.js';
import type { Permission } from '../../access/domain/permissions.js';
import type { ComputeRequest } from '../../ctx.js';
import { acceptAction, askedBy } from '../../operations/domain/accept.js';
import { demandSupported, locked, transitionRefused } from '../../operations/domain/faults.js';
import { refuseHeld } from '../../operations/domain/holds.js';
import { keepSecret, namesOf, type OperationSecret } from '../../operations/domain/secrets.js';
import { lockState, type InstanceState } from '../../operations/domain/read-state.js';
import { refusalOf, TRANSITIONS, type JobAction } from '../../operations/transitions.js';
import type { DriverAction } from '../../ports/driver.js';
import { findReachable } from './instances.js';

/** An action as it is asked for. */
export interface Asked {
  /** As the path names it. */
  segment: string;
  permission: Permission;
  /** What the driver of the region has to be able to do. */
  needs: DriverAction;
  action: JobAction;
  /** Neither a snapshot nor a backup is blocked by a lock (contract compute §6.7). */
  evenLocked?: boolean;
}
/** What an action brings with it. */
export interface Prepared {
  params?: object;
  secret?: OperationSecret;
  /** Writes what belongs to the operation, once it is accepted. */
  write?: (operationId: string) => Promise<void>;
}
/** Finds what the action needs, and checks it. The instance is locked, and in a state for the action. */
export type Prepare = (tx: Tx, state: InstanceState) => Promise<Prepared>;

/**
 * Refuses in the contract's order: not there, no permission, not supported, client suspended, locked, wrong state.
 * @returns the instance, locked
 * @throws Fault not_found, forbidden/client.suspended, conflict/instance.locked, conflict/instance.state,
 * conflict/instance.busy, conflict/instance.idle, conflict/instance.not_launched
 */
export const lockForAction = async (
  ctx: ComputeRequest,
  tx: Tx,
  found: InstanceState,
  { action, evenLocked = false }: Pick<Asked, 'action' | 'evenLocked'>,
): Promise<InstanceState> => {
  const { staff } = callerOf(ctx);
  const { id, clientId } = found;
  await refuseHeld(tx, { clientId, instanceId: id }, { staff, wakes: TRANSITIONS[action].wakes });
  const state = await lockState(tx, id, clientId);
  if (!state) throw notFound();
  if (state.lockedBy && !staff && !evenLocked) throw locked(id);
  const refused = refusalOf(action, state);
  if (refused) throw transitionRefused(id, action, refused);
  return state;
};

/**
 * Accepts an action on an instance.
 * @returns id of the operation that carries it out
 * @throws Fault not_found, forbidden, conflict/action.unsupported, those of `lockForAction` and of `prepare`
 */
export const acceptAsked = async (
  ctx: ComputeRequest,
  id: string,
  asked: Asked,
  prepare: Prepare = () => Promise.resolve({}),
): Promise<string> => {
  const found = await findReachable(ctx, id, asked.permission);
  const { staff } = callerOf(ctx);
  demandSupported(ctx, found.regionId, asked.needs, asked.segment);
  return dbOf(ctx).transaction(async (tx) => {
    const state = await lockForAction(ctx, tx, found, asked);
    const { params = {}, secret = {}, write } = await prepare(tx, state);
    const guest = namesOf(secret);
    const operationId = await acceptAction(tx, {
      instanceId: id,
      action: asked.action,
      ...askedBy(ctx),
      bypassLock: staff || (asked.evenLocked ?? false),
      params: { ...params, ...(guest.length && { guest }) },
    });
    await keepSecret(ctx, tx, operationId, secret);
    await write?.(operationId);
    return operationId;
  });
};
