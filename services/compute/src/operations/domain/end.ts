import type { Tx } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import type { InstanceView, SnapshotView } from '../../ports/driver.js';
import { endTask } from '../store/instance-state.js';
import type { OperationWork } from '../store/operation-work.js';
import { cancelOperations, endOperation } from '../store/operations.js';
import type { Failure, Step } from '../tables.js';
import { POWER, stateOf, type PowerState, type VmState } from '../instance-states.js';
import { TRANSITIONS } from '../transitions.js';
import { applyFailure, applySuccess } from './effects.js';
import { settleHold } from './holds.js';
import { publishMeteredFact } from './metered-facts.js';

type OperationToEnd = Pick<
  OperationWork,
  'id' | 'instanceId' | 'action' | 'previousState' | 'steps' | 'params' | 'target' | 'imageId' | 'called' | 'volumes'
>;
const endSteps = (steps: readonly Step[], status: Step['status']): Step[] =>
  steps.map((one) => (one.status === 'completed' ? one : { ...one, status }));

/** Actions that say nothing of the machine's health. */
const FAULT_STAYS: ReadonlySet<string> = new Set(['snapshot', 'backup', 'abortMigrate']);
/** State and power state after the success of the action. */
const successOf = (
  { action, previousState }: OperationToEnd,
  view: InstanceView | null,
): { vmState: VmState; powerState: PowerState | null } => {
  if (action === 'import' && view) {
    const taken = stateOf(view.powerState);
    // Nova has suspended guests as off.
    return { vmState: taken, powerState: taken === 'suspended' ? POWER.shutdown : view.powerState };
  }
  const { vmState, powerState } = TRANSITIONS[action].success;
  const runs = view?.powerState === POWER.running;
  return {
    vmState: vmState === 'previous' ? previousState : vmState === 'by_power' ? (runs ? 'active' : 'stopped') : vmState,
    powerState: powerState === 'seen' ? (view?.powerState ?? null) : powerState,
  };
};
/** State after the failure of the action. @param view as in `failOperation` */
const failureOf = (work: OperationToEnd, view: InstanceView | null | undefined): VmState => {
  const { failure } = TRANSITIONS[work.action];
  // It still waits to be confirmed or reverted: in `error` neither would be possible any more.
  if (work.previousState === 'resized' && view?.mode === 'resized') return 'resized';
  if (view === null && work.action !== 'create') return 'error';
  if (failure !== 'previous' && failure !== 'unchanged') return failure;
  if (work.previousState === 'building') return 'error';
  return failure === 'previous' || isUnchanged(work, view) ? work.previousState : 'error';
};
/** Whether the machine is as it was before the action; one that can not be seen is if the driver was not called. */
const isUnchanged = ({ previousState, called }: OperationToEnd, view: InstanceView | null | undefined): boolean =>
  view
    ? view.taskHint === undefined &&
      view.mode === undefined &&
      (view.powerState === POWER.running) === (previousState === 'active')
    : !called;

/**
 * The hypervisor has reached the wanted state: instance, operation and event change together. A superseded operation
 * changes nothing.
 * @param image the image that a snapshot has made
 */
export const completeOperation = (
  { db }: ComputeCtx,
  work: OperationToEnd,
  view: InstanceView | null,
  image: SnapshotView | null = null,
): Promise<void> =>
  db.transaction(async (tx) => {
    const ended = await endTask(tx, work.instanceId, work.id, {
      ...successOf(work, view),
      swapFlavor: work.action === 'resize' || work.action === 'revertResize',
      noHost: work.action === 'shelve',
      ...(FAULT_STAYS.has(work.action) ? {} : { fault: null }),
      backendId: view?.ref.backendId ?? null,
      host: view?.host ?? null,
      ...(view?.addresses.length && { addresses: view.addresses }),
    });
    if (!ended) return;
    const changed = await applySuccess(tx, work, image);
    await endOperation(tx, work.id, 'completed', endSteps(work.steps, 'completed'), null);
    await publishMeteredFact(tx, work.instanceId, { changed });
    await settleHold(tx, work.instanceId);
  });

/**
 * Ends a failed operation: the instance goes back to its previous state, or into `error` with the fault (contract
 * compute §7.2).
 * @param view the machine as it is; null: there is none; undefined: not known
 */
export const failOperation = (
  { db }: ComputeCtx,
  work: OperationToEnd,
  error: Failure,
  view: InstanceView | null | undefined,
): Promise<void> =>
  db.transaction(async (tx) => {
    const vmState = failureOf(work, view);
    const ended = await endTask(tx, work.instanceId, work.id, {
      vmState,
      powerState: view === undefined ? null : (view?.powerState ?? 0),
      ...(vmState === 'error' && { fault: error }),
    });
    if (!ended) return;
    await applyFailure(tx, work);
    await endOperation(tx, work.id, 'failed', endSteps(work.steps, 'failed'), error);
    await publishMeteredFact(tx, work.instanceId);
    await settleHold(tx, work.instanceId, false);
  });

/** Sets the state of an instance at once and cancels its operation. @returns whether the instance exists */
export const overrideState = async (tx: Tx, instanceId: string, vmState: 'active' | 'error'): Promise<boolean> => {
  await cancelOperations(tx, instanceId);
  const fault = vmState === 'active' ? { fault: null } : {};
  if (!(await endTask(tx, instanceId, null, { vmState, powerState: null, ...fault }))) return false;
  await publishMeteredFact(tx, instanceId);
  await settleHold(tx, instanceId);
  return true;
};
