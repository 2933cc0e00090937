import { conflict, notFound } from '@nefos/service-kit';
import type { ComputeRequest } from '../../ctx.js';
import { dbOf } from '../../access/domain/claim.js';
import { endTask, lockState, markBuilding } from '../store/instance-state.js';
import { selectPage } from '../../lists/select-page.js';
import {
  endOperation,
  findOperation,
  markViewed,
  operationList,
  operationsOf,
  operationsOn,
  ownOperationList,
  type OperationRow,
} from '../store/operations.js';
import { callerOf, maySee, visibleClients } from '../../access/domain/caller.js';
import type { Caller } from '../../access/domain/callers.js';
import { refuseHeld, settleHold } from './holds.js';
import { accept } from './accept.js';
import { locked } from './faults.js';
import { TRANSITIONS } from '../instance-states.js';
import { UUID } from '../../lists/uuid.js';
import { type Query, planList, readListQuery, type ListSpec, type Page } from '../../lists/list-query.js';

export type { OperationRow } from '../store/operations.js';

const listOf = ({ staff }: Caller): ListSpec => (staff ? operationList : ownOperationList);
export const listOperations = (ctx: ComputeRequest, query: Query): Promise<Page<OperationRow>> => {
  const caller = callerOf(ctx);
  const clients = visibleClients(caller, undefined);
  return selectPage(
    dbOf(ctx),
    planList(operationList, readListQuery(listOf(caller), query), clients ? [operationsOf(clients)] : []),
  );
};
/** What was done to an instance that the caller may see, newest first. */
export const listOperationsOn = (ctx: ComputeRequest, instanceId: string, query: Query): Promise<Page<OperationRow>> =>
  selectPage(
    dbOf(ctx),
    planList(operationList, readListQuery(listOf(callerOf(ctx)), query), [operationsOn(instanceId)]),
  );
/** @throws Fault not_found */
export const getOperation = async (ctx: ComputeRequest, id: string): Promise<OperationRow> => {
  const row = UUID.test(id) ? await findOperation(dbOf(ctx), id) : undefined;
  if (!row || !maySee(callerOf(ctx), row.client_id)) throw notFound();
  return row;
};
/** Takes back what the driver has not been told yet (contract compute §10). @throws Fault not_found, forbidden/client_suspended, conflict */
export const cancelOperation = async (ctx: ComputeRequest, id: string): Promise<OperationRow> => {
  const { instance_id: instanceId, client_id: clientId } = await getOperation(ctx, id);
  const { staff } = callerOf(ctx);
  await dbOf(ctx).transaction(async (tx) => {
    await refuseHeld(tx, { clientId, instanceId }, { staff, wakes: false });
    const now = await lockState(tx, instanceId);
    if (now?.locked_by && !staff) throw locked(instanceId);
    const row = await findOperation(tx, id);
    // Once there was an attempt the driver may know of it: only the end of the operation tells.
    if (!row || row.status !== 'pending' || row.attempts || now?.operation_id !== id)
      throw conflict('invalid_state', { detail: 'Operation can not be canceled any more.' });
    await endTask(
      tx,
      instanceId,
      id,
      now.vm_state === 'building'
        ? { vmState: 'error', powerState: 0, fault: { code: 'canceled', message: 'The build was canceled.' } }
        : { vmState: now.vm_state, powerState: null },
    );
    await endOperation(tx, id, 'canceled', row.steps, null);
    await settleHold(tx, instanceId);
  });
  return getOperation(ctx, id);
};
/**
 * Does again what failed, as a new operation, if the instance is still in a state for it; a build only while nothing was ever built.
 * @returns the new operation  @throws Fault not_found, conflict, forbidden/client_suspended
 */
export const retryOperation = async (ctx: ComputeRequest, id: string): Promise<OperationRow> => {
  const { instance_id: instanceId, client_id: clientId, status, action, params } = await getOperation(ctx, id);
  const { staff, userId, username } = callerOf(ctx);
  if (status !== 'failed') throw conflict('invalid_state', { detail: 'Only a failed operation can be retried.' });
  const again = await dbOf(ctx).transaction(async (tx) => {
    await refuseHeld(tx, { clientId, instanceId }, { staff, wakes: TRANSITIONS[action].wakes });
    const now = await lockState(tx, instanceId);
    if (!now) throw notFound();
    if (now.locked_by && !staff) throw locked(instanceId);
    if (action === 'create' && now.launched)
      throw conflict('invalid_state', { detail: 'The instance was built in the meantime.' });
    const operationId = await accept(tx, {
      instanceId,
      action,
      by: { id: userId, name: username },
      requestId: ctx.requestId,
      bypassLock: staff,
      params,
      ...(action === 'create' && { from: ['error'] as const }),
    });
    if (action === 'create') await markBuilding(tx, instanceId);
    return operationId;
  });
  return getOperation(ctx, again);
};
/** @returns how many were not viewed before */
export const viewOperations = (ctx: ComputeRequest): Promise<number> =>
  dbOf(ctx).transaction((tx) => markViewed(tx, visibleClients(callerOf(ctx), undefined)));
