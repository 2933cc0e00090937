import { randomUUID } from 'node:crypto';
import { enqueue, notFound, type Queryable, type Tx } from '@nefos/service-kit';
import { callerOf } from '../../access/domain/caller.js';
import type { ComputeRequest } from '../../ctx.js';
import { beginTask, findState } from '../store/instance-state.js';
import {
  cancelOperations,
  endOperations,
  insertOperation,
  listWithoutJob,
  type NewOperation,
} from '../store/operations.js';
import type { VmState } from '../instance-states.js';
import { isInterfaceAction, refusalOf, TRANSITIONS, type JobAction } from '../transitions.js';
import { deleteProtected, locked, transitionRefused } from './faults.js';

/** Who asks: a user of the portal, or null for the portal itself. */
export type Actor = { id: number; name: string } | null;
/** Who asks in a request, for its operation. */
export const askedBy = (ctx: ComputeRequest): { by: Actor; requestId: string | null } => {
  const { userId, username } = callerOf(ctx);
  return { by: { id: userId, name: username }, requestId: ctx.requestId };
};
export interface ActionRequest {
  instanceId: string;
  /** The client that is thought to have it; given, the instance must not have been moved to another one since. */
  clientId?: number;
  action: JobAction;
  by: Actor;
  requestId: string | null;
  /** Staff and the portal itself are not bound by locks. */
  bypassLock: boolean;
  /** For the end of a client, and for a delete that is accepted anew (stuck.ts). */
  bypassProtection?: boolean;
  /** Instead of the states from which users may ask for it. */
  from?: readonly VmState[];
  params?: object;
}
/** After this time the sweep checks for the first time whether an operation has its job. */
const FIRST_CHECK_SECONDS = 10;

/** Actions whose operations have another name than the transition. */
const TYPES: Partial<Record<JobAction, string>> = {
  rebootSoft: 'reboot',
  rebootHard: 'reboot',
  confirmResize: 'confirm_resize',
  revertResize: 'revert_resize',
  liveMigrate: 'migrate',
  abortMigrate: 'abort_migrate',
  bootIso: 'boot_from_iso',
  snapshot: 'create_snapshot',
  backup: 'create_backup',
  changePassword: 'change_password',
  addPort: 'add_port',
  removePort: 'remove_port',
  addIp: 'add_ip',
  removeIp: 'remove_ip',
  addFloatingIp: 'add_floating_ip',
  removeFloatingIp: 'remove_floating_ip',
  addGroup: 'associate_security_group',
  removeGroup: 'dissociate_security_group',
};
const operationType = (action: JobAction): string => `instance.${TYPES[action] ?? action}`;
const stepsOf = (action: JobAction) =>
  [TRANSITIONS[action].begins, TRANSITIONS[action].continues]
    .filter((one) => one !== undefined)
    .map((name) => ({ name, status: 'pending' as const }));

/** One job of an instance runs at a time. */
export const turnOf = (instanceId: string): string => `instance:${instanceId}`;
export const jobKey = (operationId: string): string => `operation:${operationId}`;
/** Of these operations those that have not ended, and whose job was lost or is out of attempts. */
export const withoutJob = async <One extends { id: string }>(q: Queryable, due: readonly One[]): Promise<One[]> => {
  if (!due.length) return [];
  const ids = due.map(({ id }) => id);
  const found = await listWithoutJob(q, ids, ids.map(jobKey));
  return due.filter(({ id }) => found.has(id));
};
/** A delete goes before everything that waits. */
const DELETE_FIRST = -10;
/** What has waited for its turn goes before what comes new. */
export const WAITED = -1;
/**
 * Enqueues the operation's job, for now or `runAt`.
 * @param one.waited whether it stood in front of the queue already, and another job had its turn
 */
export const enqueueRun = (
  tx: Tx,
  {
    operationId,
    instanceId,
    action,
    runAt,
    waited = false,
  }: { operationId: string; instanceId: string; action: JobAction; runAt?: Date; waited?: boolean },
): Promise<void> =>
  enqueue(
    tx,
    isInterfaceAction(action) ? 'instance.interface' : 'instance.run',
    { operation: operationId, instance: instanceId },
    {
      key: jobKey(operationId),
      priority: action === 'delete' ? DELETE_FIRST : waited ? WAITED : 0,
      ...(runAt && { runAt }),
    },
  );

/**
 * Accepts an action: state, operation and job in one transaction, or nothing. An operation of the instance that is
 * still in progress is canceled.
 * @returns id of the operation
 * @throws Fault not_found, conflict/instance.locked, conflict/instance.protected, conflict/instance.state,
 * conflict/instance.busy, conflict/instance.not_launched
 */
export const acceptAction = async (tx: Tx, request: ActionRequest): Promise<string> => {
  const { instanceId, action, by, requestId } = request;
  const { begins, from, tasks, launched } = TRANSITIONS[action];
  const operationId = randomUUID();
  const before = await beginTask(tx, instanceId, operationId, begins, {
    from: request.from ?? from,
    tasks,
    launched,
    unlocked: !request.bypassLock,
    unprotected: action === 'delete' && !request.bypassProtection,
  });
  if (!before) throw await refusalReason(tx, request);
  if (request.clientId !== undefined && before.clientId !== request.clientId) throw notFound();
  await cancelOperations(tx, instanceId, { all: action === 'delete' });
  await recordOperation(tx, {
    id: operationId,
    action,
    instanceId,
    clientId: before.clientId,
    previousState: before.vmState,
    params: request.params ?? {},
    by,
    requestId,
  });
  return operationId;
};
/** Writes an operation and its first job. The caller makes it the owner of the instance in the same transaction. */
export const recordOperation = async (
  tx: Tx,
  operation: Omit<NewOperation, 'type' | 'steps' | 'deadlineSeconds' | 'checkSeconds'>,
): Promise<void> => {
  const { id, action, instanceId } = operation;
  await insertOperation(tx, {
    ...operation,
    type: operationType(action),
    steps: stepsOf(action),
    deadlineSeconds: TRANSITIONS[action].deadlineSeconds,
    checkSeconds: FIRST_CHECK_SECONDS,
    newInstance: (action === 'create' || action === 'import') && operation.previousState === 'building',
  });
  await enqueueRun(tx, { operationId: id, instanceId, action });
};

/** Writes an operation that has been carried out in the request: no job follows. */
export const recordDone = async (
  tx: Tx,
  operation: Omit<NewOperation, 'type' | 'steps' | 'deadlineSeconds' | 'checkSeconds'>,
): Promise<void> => {
  await insertOperation(tx, {
    ...operation,
    type: operationType(operation.action),
    steps: [],
    deadlineSeconds: 0,
    checkSeconds: FIRST_CHECK_SECONDS,
  });
  await endOperations(tx, [{ id: operation.id, status: 'completed', steps: [], error: null }]);
};

/** Why the instance could not begin the task. The row is read after the refusal. */
const refusalReason = async (
  tx: Tx,
  { instanceId, action, bypassLock, bypassProtection }: ActionRequest,
): Promise<Error> => {
  const state = await findState(tx, instanceId);
  if (!state) return notFound();
  if (!bypassLock && state.lockedBy) return locked(instanceId);
  if (action === 'delete' && state.deleteProtection && !bypassProtection) return deleteProtected();
  // It may have become possible since; the request that lost the race is refused all the same.
  return transitionRefused(
    instanceId,
    action,
    refusalOf(action, state) ?? {
      code: 'busy',
      attribute: 'task_state',
      state: state.taskState ?? TRANSITIONS[action].begins,
    },
  );
};

/**
 * Accepts an action that no user asked for: neither a lock nor protection stops it.
 * @param from the only states in which it is accepted; without, those of the action
 * @throws as `acceptAction`
 */
export const acceptSystemAction = (
  tx: Tx,
  instanceId: string,
  action: JobAction,
  from?: readonly VmState[],
): Promise<string> =>
  acceptAction(tx, {
    instanceId,
    action,
    by: null,
    requestId: null,
    bypassLock: true,
    bypassProtection: true,
    ...(from && { from }),
  });
