import { randomUUID } from 'node:crypto';
import type { Tx } from '@nefos/service-kit';
import { callerOf, visibleClients } from '../../access/domain/caller.js';
import { dbOf } from '../../access/domain/claim.js';
import { findRegion } from '../../catalog/domain/parts.js';
import type { ComputeRequest } from '../../ctx.js';
import type { Page } from '../../lists/list-plan.js';
import type { Query } from '../../lists/list-query.js';
import { askedBy, type Actor } from '../../operations/domain/accept.js';
import { unsupported } from '../../operations/domain/faults.js';
import { reserveQuota } from '../../projects/domain/reserve-quota.js';
import { invalid } from '@nefos/service-kit';
import { refusal, unknownKey } from '../../refusals.js';
import { withoutUndefined } from '../../without-undefined.js';
import { maySee } from '../../access/domain/caller.js';
import * as store from '../store/snapshots.js';
import type { VolumeSnapshot } from '../store/snapshots.js';
import { isSourceNow } from '../store/sources.js';
import { findVolume, lockVolume, type Volume } from '../store/volumes.js';
import { demandStatus, demandVolumes, recordStorage, SYSTEM } from './accept.js';
import { demandFree, onLocked, reach } from './reach.js';

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
 * The volume of a body, locked.
 * @throws Fault invalid: there is none, or it is another client's; forbidden/client.suspended
 */
export const lockNamedVolume = async (ctx: ComputeRequest, tx: Tx, id: string): Promise<Volume> => {
  const seen = await findVolume(tx, id);
  if (!seen || !maySee(callerOf(ctx), seen.clientId)) throw invalid([unknownKey(['volume'], id)]);
  await demandFree(ctx, tx, seen.clientId);
  const volume = await lockVolume(tx, id);
  if (!volume) throw invalid([unknownKey(['volume'], id)]);
  return volume;
};
/** @throws Fault conflict/region.no_snapshots */
export const demandSnapshots = async (tx: Tx, regionId: string): Promise<void> => {
  if (!(await findRegion(tx, regionId))?.enableSnapshots) throw refusal('conflict', 'region.no_snapshots');
};

/**
 * Accepts a snapshot of a volume; a job makes it.
 * @throws Fault invalid, conflict/action.unsupported, conflict/region.no_snapshots, conflict/volume.status,
 * forbidden/create.quota, forbidden/client.suspended
 */
export const createSnapshot = async (
  ctx: ComputeRequest,
  input: { volume: string; name: string; description: string | null },
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
  { name, description }: { name: string; description: string | null },
  asked: { by: Actor; requestId: string | null },
): Promise<{ id: string; operationId: string }> => {
  const { regionId, clientId, projectId, sizeGb } = volume;
  if (!demandVolumes(ctx, regionId, 'snapshot').capabilities.has('snapshot')) throw unsupported('snapshot');
  await demandSnapshots(tx, regionId);
  demandStatus('volume', volume, ['available', 'in-use']);
  await reserveQuota(tx, projectId, { snapshots: 1 });
  const id = randomUUID();
  const operationId = randomUUID();
  await store.insertSnapshot(tx, {
    id,
    volumeId: volume.id,
    clientId,
    projectId,
    regionId,
    name,
    description,
    sizeGb,
    status: 'creating',
    operationId,
  });
  await recordStorage(tx, operationId, {
    action: 'volumesnapshot.create',
    object: { type: 'volumesnapshot', id },
    clientId,
    previousState: 'creating',
    params: { volume: volume.id, snapshot: id, name },
    ...asked,
  });
  return { id, operationId };
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
/** @throws Fault conflict/volume.status, conflict/volume.in_use_as_source */
const beginDelete = async (
  tx: Tx,
  snapshot: VolumeSnapshot,
  asked: { by: Actor; requestId: string | null },
): Promise<string> => {
  demandStatus('snapshot', snapshot, ['available', 'error']);
  if (await isSourceNow(tx, 'snapshot', snapshot.id)) throw refusal('conflict', 'volume.in_use_as_source');
  const operationId = randomUUID();
  await recordStorage(tx, operationId, {
    action: 'volumesnapshot.delete',
    object: { type: 'volumesnapshot', id: snapshot.id },
    clientId: snapshot.clientId,
    previousState: snapshot.status,
    params: { volume: snapshot.volumeId, snapshot: snapshot.id },
    ...asked,
  });
  await store.writeSnapshot(tx, snapshot.id, { status: 'deleting', operationId });
  return operationId;
};
/**
 * @returns id of the operation: the same one when it is being deleted already
 * @throws Fault not_found, conflict/volume.status, conflict/volume.in_use_as_source
 */
export const deleteSnapshot = (ctx: ComputeRequest, id: string): Promise<string> =>
  onLocked(ctx, id, { ...FIND, evenHeld: true }, (tx, snapshot) =>
    snapshot.status === 'deleting' && snapshot.operationId
      ? Promise.resolve(snapshot.operationId)
      : beginDelete(tx, snapshot, askedBy(ctx)),
  );
/** Nobody asked. @throws as `deleteSnapshot` */
export const deleteSnapshotByPortal = async (tx: Tx, id: string): Promise<void> => {
  const snapshot = await store.lockSnapshot(tx, id);
  if (snapshot) await beginDelete(tx, snapshot, SYSTEM);
};
