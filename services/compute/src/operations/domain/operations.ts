import { notFound } from '@nefos/service-kit';
import type { ComputeRequest } from '../../ctx.js';
import { callerOf, maySee, visibleClients } from '../../access/domain/caller.js';
import { dbOf } from '../../access/domain/claim.js';
import { demand } from '../../access/domain/permissions.js';
import type { Page } from '../../lists/list-plan.js';
import { remakePorts } from '../../networking/domain/remake-ports.js';
import type { Query } from '../../lists/list-query.js';
import { UUID } from '../../lists/uuid.js';
import { refusal } from '../../refusals.js';
import { endTask, lockState, markBuilding } from '../store/instance-state.js';
import * as store from '../store/operations.js';
import type { ShownOperation } from '../store/operations.js';
import { INTERFACE_ACTIONS, TRANSITIONS, type JobAction } from '../transitions.js';
import { acceptAction, askedBy } from './accept.js';
import { applyFailure } from './effects.js';
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
/**
 * Operations on one instance, newest first; for end users those of its present client. The caller must have checked
 * that it may be seen.
 */
export const listOperationsOn = (
  ctx: ComputeRequest,
  { id, clientId }: { id: string; clientId: number },
  query: Query,
): Promise<Page<ShownOperation>> => {
  const { staff } = callerOf(ctx);
  return store.listOperations(dbOf(ctx), query, { staff, clientIds: staff ? null : [clientId], instanceId: id });
};
/** @throws Fault not_found */
export const getOperation = async (ctx: ComputeRequest, id: string): Promise<ShownOperation> => {
  const row = UUID.test(id) ? await store.findOperation(dbOf(ctx), id) : undefined;
  if (!row || !maySee(callerOf(ctx), row.clientId)) throw notFound();
  return row;
};
/** They need checks, or things that went with the failure: they are asked for anew. */
const ONCE: ReadonlySet<JobAction> = new Set([
  'resize',
  'snapshot',
  'backup',
  'rebuild',
  'bootIso',
  'changePassword',
  'abortMigrate',
  ...INTERFACE_ACTIONS,
]);
const STAFF_ONLY: ReadonlySet<JobAction> = new Set(['migrate', 'liveMigrate', 'abortMigrate']);
/**
 * The instance may have been moved to another client since, and an end user does not touch what staff alone may do.
 * @throws Fault not_found, forbidden
 */
const refuseForeign = (
  ctx: ComputeRequest,
  state: { clientId: number } | undefined,
  { clientId, action }: { clientId: number; action: JobAction },
): void => {
  const caller = callerOf(ctx);
  if (state && state.clientId !== clientId && !maySee(caller, state.clientId)) throw notFound();
  if (STAFF_ONLY.has(action)) demand(caller, 'instances.migrate');
};
/**
 * Cancels an operation for which the driver was not called yet (contract compute §10).
 * @throws Fault not_found, forbidden/client.suspended, conflict/instance.locked, conflict/operation.not_cancellable
 */
export const cancelOperation = async (ctx: ComputeRequest, id: string): Promise<ShownOperation> => {
  const { instanceId, clientId, action, objectType } = await getOperation(ctx, id);
  if (objectType !== 'instance') throw refusal('conflict', 'operation.not_cancellable');
  const { staff } = callerOf(ctx);
  await dbOf(ctx).transaction(async (tx) => {
    await refuseHeld(tx, { clientId, instanceId }, { staff, wakes: false });
    const state = await lockState(tx, instanceId);
    refuseForeign(ctx, state, { clientId, action });
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
    await applyFailure(ctx, tx, row);
    await store.endOperations(tx, [{ id, status: 'canceled', steps: row.steps, error: null }]);
    await settleHold(tx, instanceId);
  });
  return getOperation(ctx, id);
};
/**
 * Repeats a failed operation as a new one, if the instance is still in a state for it; a build only while the
 * instance has never run.
 * @returns the new operation
 * @throws Fault not_found, forbidden, forbidden/client.suspended, conflict/operation.not_failed,
 * conflict/operation.once, conflict/operation.built, and those of `acceptAction`
 */
export const retryOperation = async (ctx: ComputeRequest, id: string): Promise<ShownOperation> => {
  const { instanceId, clientId, status, action, params, objectType } = await getOperation(ctx, id);
  const { staff } = callerOf(ctx);
  /** Its end is what makes an instance of a row. */
  const builds = action === 'create' || action === 'import';
  if (status !== 'failed') throw refusal('conflict', 'operation.not_failed');
  if (objectType !== 'instance' || ONCE.has(action) || params.guest !== undefined)
    throw refusal('conflict', 'operation.once');
  const newId = await dbOf(ctx).transaction(async (tx) => {
    await refuseHeld(tx, { clientId, instanceId }, { staff, wakes: TRANSITIONS[action].wakes });
    const state = await lockState(tx, instanceId);
    if (!state) throw notFound();
    refuseForeign(ctx, state, { clientId, action });
    if (state.lockedBy && !staff) throw locked(instanceId);
    if (action === 'create' && state.launched) throw refusal('conflict', 'operation.built');
    const operationId = await acceptAction(tx, {
      instanceId,
      action,
      ...askedBy(ctx),
      bypassLock: staff,
      params,
      ...(builds && { from: ['error'] as const }),
    });
    if (builds) await markBuilding(tx, instanceId);
    if (action === 'create') await remakePorts(ctx, tx, instanceId, { quota: true });
    return operationId;
  });
  return getOperation(ctx, newId);
};
/** Marks the ended operations that the caller may see as viewed. @returns how many were not viewed before */
export const viewOperations = (ctx: ComputeRequest): Promise<number> =>
  dbOf(ctx).transaction((tx) => store.markViewed(tx, visibleClients(callerOf(ctx), undefined)));
