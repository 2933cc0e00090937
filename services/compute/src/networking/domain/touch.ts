import { enqueue, type Tx } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import type { NetworkKind } from '../../ports/driver-networks.js';
import { recordThing, type Happened } from '../store/recorded.js';
import { bumpSync, markGone } from '../store/syncs.js';
import { can } from './capabilities.js';

/** The job that brings a thing of the network to its driver. */
export const SYNC = 'network.sync';
/** After this time the sweep checks whether a change has its job. */
export const CHECK_SECONDS = 20;
export const keyOf = (kind: NetworkKind, id: string): string => `network:${kind}:${id}`;
export const enqueueSync = (tx: Tx, kind: NetworkKind, id: string, runAt?: Date): Promise<void> =>
  enqueue(tx, SYNC, { kind, id }, { key: keyOf(kind, id), ...(runAt && { runAt }) });

/** A thing as the driver has to be told of it. */
export interface Touched {
  id: string;
  regionId: string;
}
/**
 * A thing was made or changed: readers of events hear of it, and its driver is told, by a job in the same transaction,
 * where it knows such things.
 */
export const touch = async (
  ctx: Pick<ComputeCtx, 'drivers'>,
  tx: Tx,
  kind: NetworkKind,
  { id, regionId }: Touched,
  happened: Exclude<Happened, 'deleted'> = 'state',
): Promise<void> => {
  await recordThing(tx, kind, id, happened);
  if (!can(ctx, regionId, kind)) return;
  await bumpSync(tx, { kind, id, regionId, checkSeconds: CHECK_SECONDS });
  await enqueueSync(tx, kind, id);
};
/** A thing is about to be deleted here, and goes at the driver, if that was ever told of it. */
export const touchGone = async (
  tx: Tx,
  kind: NetworkKind,
  { id, backendId }: { id: string; backendId: string | null },
): Promise<void> => {
  await recordThing(tx, kind, id, 'deleted');
  await removeAtDriver(tx, kind, { id, backendId });
};
/** The second half of it, for what is deleted already. */
export const removeAtDriver = async (
  tx: Tx,
  kind: NetworkKind,
  { id, backendId }: { id: string; backendId: string | null },
): Promise<void> => {
  if (await markGone(tx, { kind, id, backendId, checkSeconds: CHECK_SECONDS })) await enqueueSync(tx, kind, id);
};
