import type { Tx } from '@nefos/service-kit';
import { callerOf, visibleClients } from '../../access/domain/caller.js';
import { dbOf } from '../../access/domain/claim.js';
import type { ComputeRequest } from '../../ctx.js';
import type { Page } from '../../lists/list-plan.js';
import type { Query } from '../../lists/list-query.js';
import { askedBy } from '../../operations/domain/accept.js';
import { withoutUndefined } from '../../without-undefined.js';
import * as store from '../store/snapshots.js';
import type { VolumeSnapshot } from '../store/snapshots.js';
import type { Volume } from '../store/volumes.js';
import { acceptCopy, deletionOf, demandCopyable, lockNamedVolume, type Asked, type NewWords } from './copies.js';
import { onLocked, reach } from './reach.js';

export type { VolumeSnapshot } from '../store/snapshots.js';

/** Snapshots that the caller may see. @param acting the client that an end user names */
export const listSnapshots = (
  ctx: ComputeRequest,
  query: Query,
  acting: string | undefined,
): Promise<Page<VolumeSnapshot>> => store.listSnapshots(dbOf(ctx), query, visibleClients(callerOf(ctx), acting));
/** @throws Fault not_found */
export const getSnapshot = (ctx: ComputeRequest, id: string): Promise<VolumeSnapshot> =>
  reach(ctx, id, store.findSnapshot);

/**
 * Accepts a snapshot of a volume; a job makes it.
 * @throws Fault invalid, conflict/action.unsupported, conflict/region.no_snapshots, conflict/volume.status,
 * forbidden/create.quota, forbidden/client.suspended
 */
export const createSnapshot = async (
  ctx: ComputeRequest,
  input: NewWords & { volume: string },
): Promise<{ snapshot: VolumeSnapshot; operationId: string }> => {
  const made = await dbOf(ctx).transaction(async (tx) => {
    const volume = await lockNamedVolume(ctx, tx, input.volume);
    return makeSnapshot(ctx, tx, volume, input, askedBy(ctx));
  });
  return { snapshot: await getSnapshot(ctx, made.id), operationId: made.operationId };
};
/**
 * The same in a transaction of the caller, whose volume is locked: for what makes snapshots by itself.
 * @throws as `createSnapshot`
 */
export const makeSnapshot = async (
  ctx: Pick<ComputeRequest, 'drivers'>,
  tx: Tx,
  volume: Volume,
  { name, description, metadata }: NewWords,
  asked: Asked,
): Promise<{ id: string; operationId: string }> => {
  await demandCopyable(ctx, tx, volume, 'snapshot');
  return acceptCopy(tx, volume, 'snapshot', { name, description, ...(metadata && { metadata }), asked }, (copy) =>
    store.insertSnapshot(tx, copy),
  );
};

const FIND = { find: store.findSnapshot, lock: store.lockSnapshot };
/** @throws Fault not_found, forbidden/client.suspended */
export const changeSnapshot = async (
  ctx: ComputeRequest,
  id: string,
  changes: { name?: string | undefined; description?: string | null | undefined },
): Promise<VolumeSnapshot> => {
  await onLocked(ctx, id, FIND, (tx) => store.updateSnapshot(tx, id, withoutUndefined(changes)));
  return getSnapshot(ctx, id);
};
const deletion = deletionOf('snapshot', FIND);
/** @throws Fault not_found, conflict/volume.status, conflict/volume.in_use_as_source */
export const deleteSnapshot = deletion.byCaller;
/** For staff. @throws Fault not_found, conflict/volume.status */
export const resetSnapshot = deletion.reset;
/** @throws as `deleteSnapshot` */
export const deleteSnapshotByPortal = deletion.byPortal;
