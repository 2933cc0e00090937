import type { Tx } from '@nefos/service-kit';
import { shareLockHold } from '../../owners/domain/owners.js';
import { refusal } from '../../refusals.js';
import { findState, lockState, setWasRunning } from '../store/instance-state.js';
import { acceptSystemAction } from './accept.js';
import type { VmState } from '../instance-states.js';
import { clientSuspended } from './faults.js';

/**
 * End users of a client that is suspended, being suspended or being deleted only read and delete; nobody starts an
 * instance that is held, because of its client or its client's service (contract compute §2 A8, §9.3). The hold of the
 * client can not change until this transaction ends.
 * @param options.wakes whether the action makes the instance run
 * @throws Fault forbidden/client.suspended, conflict/instance.traffic: it has carried as much as it may this month
 */
export const refuseHeld = async (
  tx: Tx,
  { clientId, instanceId }: { clientId: number; instanceId: string },
  { staff, wakes }: { staff: boolean; wakes: boolean },
): Promise<void> => {
  if (staff && !wakes) return;
  if (await shareLockHold(tx, clientId)) throw clientSuspended();
  const state = wakes ? await findState(tx, instanceId) : undefined;
  if (state?.held) throw state.trafficBlocked ? refusal('conflict', 'instance.traffic') : clientSuspended();
};

/**
 * What brings a held instance nearer to its stop. A rescue ends and a resize is confirmed first: the guest that runs
 * then is stopped.
 */
const STOPS: Partial<Record<VmState, 'stop' | 'unrescue' | 'confirmResize'>> = {
  active: 'stop',
  paused: 'stop',
  rescued: 'unrescue',
  resized: 'confirmResize',
};
/**
 * Stops an instance that is held, and starts it again when it is held no longer (contract compute §9.3). Nothing
 * happens while a task runs: whoever ends the task calls this.
 * @param act false after a failure: starts and stops nothing; clears `wasRunning` when nothing holds the instance
 */
export const settleHold = async (tx: Tx, instanceId: string, act = true): Promise<void> => {
  const state = await lockState(tx, instanceId);
  if (!state || state.taskState !== null) return;
  if (state.held) {
    const action = STOPS[state.vmState];
    if (!act || action === undefined || !state.launched) return;
    if (action === 'stop') await setWasRunning(tx, instanceId, true);
    await acceptSystemAction(tx, instanceId, action, [state.vmState]);
  } else if (state.wasRunning) {
    await setWasRunning(tx, instanceId, false);
    if (act && state.vmState === 'stopped') await acceptSystemAction(tx, instanceId, 'start', [state.vmState]);
  }
};
