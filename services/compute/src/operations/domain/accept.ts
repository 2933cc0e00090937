import { randomUUID } from 'node:crypto';
import { enqueue, notFound, type Tx } from '@nefos/service-kit';
import { beginTask, findState } from '../store/instance-state.js';
import { cancelOthers, insertOperation, type NewOperation } from '../store/operations.js';
import { deleteProtected, locked, refusedBy } from './faults.js';
import { refusalOf, TRANSITIONS, type JobAction, type VmState } from '../instance-states.js';

/** Who asks: a user of the portal, or null for the portal itself. */
export type Actor = { id: number; name: string } | null;
export interface Wish {
  instanceId: string;
  action: JobAction;
  by: Actor;
  requestId: string | null;
  /** Staff and the portal itself are not bound by locks. */
  bypassLock: boolean;
  /** Only the end of a client reaches protected instances. */
  bypassProtection?: boolean;
  /** Instead of the states from which users may ask for it. */
  from?: readonly VmState[];
  params?: object;
}
/** When somebody looks whether the first job of an operation is there. */
const FIRST_CHECK_SECONDS = 10;

const operationType = (action: JobAction): string =>
  `instance.${action === 'rebootSoft' || action === 'rebootHard' ? 'reboot' : action}`;
const stepsOf = (action: JobAction) =>
  [TRANSITIONS[action].begins, TRANSITIONS[action].continues]
    .filter((one) => one !== undefined)
    .map((name) => ({ name, status: 'pending' as const }));

/** Jobs of one instance run one after the other. The queue keeps a row per name for good, so instances share a bounded number of names. */
export const queueOf = (instanceId: string): string => `instance:${instanceId.slice(0, 4)}`;
/** Carries the operation on, soon or at `runAt`; a delete goes before all that wait. */
export const enqueueRun = (
  tx: Tx,
  {
    operationId,
    instanceId,
    action,
    runAt,
  }: { operationId: string; instanceId: string; action: JobAction; runAt?: Date },
): Promise<void> =>
  enqueue(
    tx,
    'instance.run',
    { operation: operationId },
    {
      key: jobKey(operationId),
      queue: queueOf(instanceId),
      priority: action === 'delete' ? -10 : 0,
      ...(runAt && { runAt }),
    },
  );
export const jobKey = (operationId: string): string => `operation:${operationId}`;

/**
 * Accepts an action: state, operation and job in one transaction, or nothing. What went on before is superseded.
 * @throws Fault not_found, conflict/locked, conflict/delete_protected, conflict/invalid_state, conflict/busy
 */
export const accept = async (tx: Tx, wish: Wish): Promise<string> => {
  const { instanceId, action, by, requestId } = wish;
  const { begins, from, tasks, launched } = TRANSITIONS[action];
  const operationId = randomUUID();
  const taken = await beginTask(tx, instanceId, operationId, begins, {
    from: wish.from ?? from,
    tasks,
    launched,
    unlocked: !wish.bypassLock,
    unprotected: action === 'delete' && !wish.bypassProtection,
  });
  if (!taken) throw await whyNot(tx, wish);
  await cancelOthers(tx, instanceId, null);
  await recordOperation(tx, {
    id: operationId,
    action,
    instanceId,
    clientId: taken.client_id,
    previousState: taken.vm_state,
    params: wish.params ?? {},
    by,
    requestId,
  });
  return operationId;
};
/** Writes an operation and its first job. The instance must name the operation as its own in the same transaction. */
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
  });
  await enqueueRun(tx, { operationId: id, instanceId, action });
};

/** Read after the refusal: the row says why. */
const whyNot = async (tx: Tx, { instanceId, action, bypassLock, bypassProtection }: Wish): Promise<Error> => {
  const now = await findState(tx, instanceId);
  if (!now) return notFound();
  if (!bypassLock && now.locked_by) return locked(instanceId);
  if (action === 'delete' && now.delete_protection && !bypassProtection) return deleteProtected();
  // It may have become possible since; who lost the race has lost it.
  return refusedBy(
    instanceId,
    action,
    refusalOf(action, { vmState: now.vm_state, taskState: now.task_state, launched: now.launched }) ?? {
      code: 'busy',
      attribute: 'task_state',
      state: now.task_state ?? TRANSITIONS[action].begins,
    },
  );
};
