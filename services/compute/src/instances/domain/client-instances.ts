import type { Queryable, Tx } from '@nefos/service-kit';
import { acceptSystemAction } from '../../operations/domain/accept.js';
import { settleHold } from '../../operations/domain/holds.js';
import { lockState } from '../../operations/domain/read-state.js';
import { countInstancesOf, holdInstancesOf, listInstanceIdsOf } from '../store/instances.js';

// What a client's suspension and end do to its instances. The caller has changed the client's own row before, so that
// no new instance or action is accepted in between.

/**
 * Stops every running instance of the client, and remembers which ran. An instance in a task is stopped when the task
 * ends.
 */
export const stopAllOfClient = async (tx: Tx, clientId: number): Promise<void> => {
  await holdInstancesOf(tx, clientId, true);
  for (const id of await listInstanceIdsOf(tx, clientId)) await settleHold(tx, id);
};
/** Starts the instances that a suspension has stopped. */
export const startRememberedOfClient = async (tx: Tx, clientId: number): Promise<void> => {
  await holdInstancesOf(tx, clientId, false);
  for (const id of await listInstanceIdsOf(tx, clientId)) await settleHold(tx, id);
};
/** Deletes every instance of the client, protected ones too. */
export const deleteAllOfClient = async (tx: Tx, clientId: number): Promise<void> => {
  for (const instanceId of await listInstanceIdsOf(tx, clientId)) {
    const state = await lockState(tx, instanceId, clientId);
    if (!state || state.taskState === 'deleting') continue;
    await acceptSystemAction(tx, instanceId, 'delete');
  }
};
/** Instances of the client that are not deleted yet. */
export const countLiveOfClient = (q: Queryable, clientId: number): Promise<number> => countInstancesOf(q, clientId);
