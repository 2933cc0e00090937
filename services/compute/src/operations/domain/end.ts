import type { Tx } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import type { InstanceView } from '../../ports/driver.js';
import { endTask } from '../store/instance-state.js';
import { cancelOthers, endOperation, type Step, type Work } from '../store/operations.js';
import { settleHold } from './holds.js';
import { TRANSITIONS } from '../instance-states.js';
import { tellMetering } from './metered-facts.js';

type Ended = Pick<Work, 'id' | 'instance_id' | 'action' | 'previous_state' | 'steps'>;
const all = (steps: readonly Step[], status: Step['status']): Step[] =>
  steps.map((one) => (one.status === 'completed' ? one : { ...one, status }));

/** The hypervisor reports what was wanted: state, operation and facts change together. A superseded operation changes nothing. */
export const completeOperation = ({ db }: ComputeCtx, work: Ended, view: InstanceView | null): Promise<void> =>
  db.transaction(async (tx) => {
    const { vmState, powerState } = TRANSITIONS[work.action].success;
    if (
      !(await endTask(tx, work.instance_id, work.id, {
        vmState,
        powerState,
        fault: null,
        backendId: view?.ref.backendId ?? null,
        host: view?.host ?? null,
        ...(view?.addresses.length && { addresses: view.addresses }),
      }))
    )
      return;
    await endOperation(tx, work.id, 'completed', all(work.steps, 'completed'), null);
    await tellMetering(tx, work.instance_id);
    await settleHold(tx, work.instance_id);
  });

/**
 * Gives up: the instance goes back, or into `error` with the fault, as contract compute §7.2 says.
 * @param view the machine as it is; null: there is none; undefined: not known
 */
export const failOperation = (
  { db }: ComputeCtx,
  work: Ended,
  error: { code: string; message: string },
  view: InstanceView | null | undefined,
): Promise<void> =>
  db.transaction(async (tx) => {
    const { failure } = TRANSITIONS[work.action];
    const back = failure === 'previous' ? work.previous_state : failure;
    const vmState = back === 'building' || (view === null && work.action !== 'create') ? 'error' : back;
    if (
      !(await endTask(tx, work.instance_id, work.id, {
        vmState,
        powerState: view === undefined ? null : (view?.powerState ?? 0),
        ...(vmState === 'error' && { fault: error }),
      }))
    )
      return;
    await endOperation(tx, work.id, 'failed', all(work.steps, 'failed'), error);
    await tellMetering(tx, work.instance_id);
    await settleHold(tx, work.instance_id, false);
  });

/** Puts an instance into a state at once; whatever ran is given up. @returns whether the instance is there */
export const overrideState = async (tx: Tx, instanceId: string, vmState: 'active' | 'error'): Promise<boolean> => {
  await cancelOthers(tx, instanceId, null);
  const fault = vmState === 'active' ? { fault: null } : {};
  if (!(await endTask(tx, instanceId, null, { vmState, powerState: null, ...fault }))) return false;
  await tellMetering(tx, instanceId);
  await settleHold(tx, instanceId);
  return true;
};
