import type { Tx } from '@nefos/service-kit';
import { shareHold } from '../../owners/domain/owners.js';
import { findState, lockState, rememberRunning } from '../store/instance-state.js';
import { accept } from './accept.js';
import { clientSuspended } from './faults.js';

/**
 * End users of a suspended client only read and delete; nobody wakes what its suspension, or that of its service, keeps off
 * (contract compute §2 A8, §9.3). Neither can begin or end until this transaction does.
 * @throws Fault forbidden/client_suspended
 */
export const refuseHeld = async (
  tx: Tx,
  { clientId, instanceId }: { clientId: number; instanceId: string },
  { staff, wakes }: { staff: boolean; wakes: boolean },
): Promise<void> => {
  if (staff && !wakes) return;
  if (await shareHold(tx, clientId)) throw clientSuspended();
  if (wakes && (await findState(tx, instanceId))?.held) throw clientSuspended();
};

/**
 * Brings an instance to rest when its client is suspended, and back when it no longer is (contract compute §9.3). While a task runs
 * nothing happens; the end of every task comes here. `act` false: only forgets what does not hold any more.
 */
export const settleHold = async (tx: Tx, instanceId: string, act = true): Promise<void> => {
  const now = await lockState(tx, instanceId);
  if (!now || now.task_state !== null) return;
  const order = (action: 'stop' | 'start') =>
    accept(tx, { instanceId, action, by: null, requestId: null, bypassLock: true, from: [now.vm_state] });
  if (now.held) {
    if (!act || (now.vm_state !== 'active' && now.vm_state !== 'paused') || !now.launched) return;
    await rememberRunning(tx, instanceId, true);
    await order('stop');
  } else if (now.was_running) {
    await rememberRunning(tx, instanceId, false);
    if (act && now.vm_state === 'stopped') await order('start');
  }
};
