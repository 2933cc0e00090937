import type { Tx } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import type { InstanceView } from '../../ports/driver.js';
import { endTask } from '../store/instance-state.js';
import type { OperationWork } from '../store/operation-work.js';
import { cancelOperations, endOperation } from '../store/operations.js';
import type { Failure, Step } from '../tables.js';
import { POWER, stateOf, type PowerState, type VmState } from '../instance-states.js';
import { TRANSITIONS } from '../transitions.js';
import { settleHold } from './holds.js';
import { publishMeteredFact } from './metered-facts.js';

type OperationToEnd = Pick<OperationWork, 'id' | 'instanceId' | 'action' | 'previousState' | 'steps'>;
const endSteps = (steps: readonly Step[], status: Step['status']): Step[] =>
  steps.map((one) => (one.status === 'completed' ? one : { ...one, status }));

/** State and power state after the success of the action; Nova has suspended guests as off. */
const successOf = (
  { action }: OperationToEnd,
  view: InstanceView | null,
): { vmState: VmState; powerState: PowerState } => {
  if (action !== 'import' || !view) return TRANSITIONS[action].success;
  const vmState = stateOf(view.powerState);
  return { vmState, powerState: vmState === 'suspended' ? POWER.shutdown : view.powerState };
};
/**
 * The hypervisor has reached the wanted state: instance, operation and event change together. A superseded operation
 * changes nothing.
 */
export const completeOperation = ({ db }: ComputeCtx, work: OperationToEnd, view: InstanceView | null): Promise<void> =>
  db.transaction(async (tx) => {
    const ended = await endTask(tx, work.instanceId, work.id, {
      ...successOf(work, view),
      fault: null,
      backendId: view?.ref.backendId ?? null,
      host: view?.host ?? null,
      ...(view?.addresses.length && { addresses: view.addresses }),
    });
    if (!ended) return;
    await endOperation(tx, work.id, 'completed', endSteps(work.steps, 'completed'), null);
    await publishMeteredFact(tx, work.instanceId);
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
    const { failure } = TRANSITIONS[work.action];
    const back = failure === 'previous' ? work.previousState : failure;
    const vmState = back === 'building' || (view === null && work.action !== 'create') ? 'error' : back;
    const ended = await endTask(tx, work.instanceId, work.id, {
      vmState,
      powerState: view === undefined ? null : (view?.powerState ?? 0),
      ...(vmState === 'error' && { fault: error }),
    });
    if (!ended) return;
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
