import { notFound } from '@nefos/service-kit';
import type { ComputeRequest } from '../../ctx.js';
import { callerOf, maySee, visibleClients } from '../../access/domain/caller.js';
import { dbOf } from '../../access/domain/claim.js';
import type { Page } from '../../lists/list-plan.js';
import type { Query } from '../../lists/list-query.js';
import { UUID } from '../../lists/uuid.js';
import { refusal } from '../../refusals.js';
import { endTask, lockState, markBuilding } from '../store/instance-state.js';
import * as store from '../store/operations.js';
import type { ShownOperation } from '../store/operations.js';
import { TRANSITIONS } from '../transitions.js';
import { acceptAction } from './accept.js';
import { BUILD_CANCELED } from './stored-failures.js';
import { locked } from './faults.js';
import { refuseHeld, settleHold } from './holds.js';

export type { ShownOperation } from '../store/operations.js';

/** Operations on instances that the caller may see, newest first. */
export const listOperations = (ctx: ComputeRequest, query: Query): Promise<Page<ShownOperation>> => {
  const caller = callerOf(ctx);
  const clientIds = visibleClients(caller, undefined);
  return store.listOperations(dbOf(ctx), query, { staff: caller.staff, clientIds });
};
/** Operations on one instance, newest first. The caller must have checked that it may be seen. */
export const listOperationsOn = (
  ctx: ComputeRequest,
  instanceId: string,
  query: Query,
): Promise<Page<ShownOperation>> =>
  store.listOperations(dbOf(ctx), query, { staff: callerOf(ctx).staff, clientIds: null, instanceId });
/** @throws Fault not_found */
export const getOperation = async (ctx: ComputeRequest, id: string): Promise<ShownOperation> => {
  const row = UUID.test(id) ? await store.findOperation(dbOf(ctx), id) : undefined;
  if (!row || !maySee(callerOf(ctx), row.clientId)) throw notFound();
  return row;
};
/**
 * Cancels an operation for which the driver was not called yet (contract compute §10).
 * @throws Fault not_found, forbidden/client.suspended, conflict/instance.locked, conflict/operation.not_cancellable
 */
export const cancelOperation = async (ctx: ComputeRequest, id: string): Promise<ShownOperation> => {
  const { instanceId, clientId } = await getOperation(ctx, id);
  const { staff } = callerOf(ctx);
  await dbOf(ctx).transaction(async (tx) => {
    await refuseHeld(tx, { clientId, instanceId }, { staff, wakes: false });
    const state = await lockState(tx, instanceId);
    if (state?.lockedBy && !staff) throw locked(instanceId);
    const row = await store.findOperation(tx, id);
    // After an attempt the driver may carry the action out, even if the call failed: the operation has to run to its
    // end.
    if (!row || row.status !== 'pending' || row.attempts || state?.operationId !== id)
      throw refusal('conflict', 'operation.not_cancellable');
    await endTask(
      tx,
      instanceId,
      id,
      state.vmState === 'building'
        ? { vmState: 'error', powerState: 0, fault: BUILD_CANCELED }
        : { vmState: state.vmState, powerState: null },
    );
    await store.endOperation(tx, id, 'canceled', row.steps, null);
    await settleHold(tx, instanceId);
  });
  return getOperation(ctx, id);
};
/**
 * Repeats a failed operation as a new one, if the instance is still in a state for it; a build only while the
 * instance has never run.
 * @returns the new operation
 * @throws Fault not_found, forbidden/client.suspended, conflict/operation.not_failed, conflict/operation.built, and
 * those of `acceptAction`
 */
export const retryOperation = async (ctx: ComputeRequest, id: string): Promise<ShownOperation> => {
  const { instanceId, clientId, status, action, params } = await getOperation(ctx, id);
  const { staff, userId, username } = callerOf(ctx);
  /** Its end is what makes an instance of a row. */
  const builds = action === 'create' || action === 'import';
  if (status !== 'failed') throw refusal('conflict', 'operation.not_failed');
  const newId = await dbOf(ctx).transaction(async (tx) => {
    await refuseHeld(tx, { clientId, instanceId }, { staff, wakes: TRANSITIONS[action].wakes });
    const state = await lockState(tx, instanceId);
    if (!state) throw notFound();
    if (state.lockedBy && !staff) throw locked(instanceId);
    if (action === 'create' && state.launched) throw refusal('conflict', 'operation.built');
    const operationId = await acceptAction(tx, {
      instanceId,
      action,
      by: { id: userId, name: username },
      requestId: ctx.requestId,
      bypassLock: staff,
      params,
      ...(builds && { from: ['error'] as const }),
    });
    if (builds) await markBuilding(tx, instanceId);
    return operationId;
  });
  return getOperation(ctx, newId);
};
/** Marks the ended operations that the caller may see as viewed. @returns how many were not viewed before */
export const viewOperations = (ctx: ComputeRequest): Promise<number> =>
  dbOf(ctx).transaction((tx) => store.markViewed(tx, visibleClients(callerOf(ctx), undefined)));
