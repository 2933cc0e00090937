import type { Queryable, Tx } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { countLive, holdAll, liveIdsOf } from '../store/instances.js';
import { lockState } from '../../operations/domain/state.js';
import { settleHold } from '../../operations/domain/holds.js';
import { accept } from '../../operations/domain/accept.js';

/** Where a client's life reaches its instances. Call after the client's own row was changed, so that nothing new can begin in between. */

/** Asks every running instance of the client to stop and remembers which they were; what is in transition stops when it arrives. */
export const stopAllOfClient = async (_ctx: ComputeCtx, tx: Tx, clientId: number): Promise<void> => {
  await holdAll(tx, clientId, true);
  for (const id of await liveIdsOf(tx, clientId)) await settleHold(tx, id);
};
/** Asks the instances that a suspension stopped to start again. */
export const startRememberedOfClient = async (_ctx: ComputeCtx, tx: Tx, clientId: number): Promise<void> => {
  await holdAll(tx, clientId, false);
  for (const id of await liveIdsOf(tx, clientId)) await settleHold(tx, id);
};
/** Asks every instance of the client to be deleted, protected ones too. */
export const deleteAllOfClient = async (_ctx: ComputeCtx, tx: Tx, clientId: number): Promise<void> => {
  for (const instanceId of await liveIdsOf(tx, clientId)) {
    const now = await lockState(tx, instanceId);
    if (!now || now.task_state === 'deleting') continue;
    await accept(tx, {
      instanceId,
      action: 'delete',
      by: null,
      requestId: null,
      bypassLock: true,
      bypassProtection: true,
    });
  }
};
/** Instances of the client that are not deleted yet. */
export const countLiveOfClient = (q: Queryable, clientId: number): Promise<number> => countLive(q, clientId);
