import { type Tx } from '@nefos/service-kit';
import { actingClient, callerOf, visibleClients } from '../../access/domain/caller.js';
import { dbOf } from '../../access/domain/claim.js';
import { beginVolumeImage } from '../../catalog/domain/parts.js';
import type { ComputeRequest } from '../../ctx.js';
import type { Page } from '../../lists/list-plan.js';
import type { Query } from '../../lists/list-query.js';
import { askedBy } from '../../operations/domain/accept.js';
import { clientSuspended, unsupported } from '../../operations/domain/faults.js';
import { demandOwner } from '../../owners/domain/new-owner.js';
import { shareLockOwner } from '../../owners/domain/owners.js';
import type { VolumeAction } from '../../ports/driver-volumes.js';
import { reserveQuota } from '../../projects/domain/reserve-quota.js';
import { invalidValue, refusal, unknownKey } from '../../refusals.js';
import { invalid } from '@nefos/service-kit';
import { withoutUndefined } from '../../without-undefined.js';
import { findAttachmentOf } from '../store/attachments.js';
import { doomSnapshotsOf, hasSnapshots, lockSnapshot, writeSnapshot } from '../store/snapshots.js';
import { isSourceNow } from '../store/sources.js';
import * as store from '../store/volumes.js';
import type { Changes, Volume, VolumeRow } from '../store/volumes.js';
import type { Labels } from '../tables.js';
import { DELETABLE } from '../volume-states.js';
import { beginOnVolume, demandStatus, demandUsable, demandVolumes, restingStatus, SYSTEM } from './accept.js';
import { followDoomed } from './doomed.js';
import { demandVolumeRegion, findSource, makeVolume, type SourceIds } from './make.js';
import { onLocked, reach } from './reach.js';

export type { VolumeRow } from '../store/volumes.js';

/** A volume and the operation that changes it. */
export interface Accepted {
  volume: VolumeRow;
  operationId: string;
}
/** Volumes that the caller may see. @param acting the client that an end user names */
export const listVolumes = (ctx: ComputeRequest, query: Query, acting: string | undefined): Promise<Page<VolumeRow>> =>
  store.listVolumes(dbOf(ctx), query, visibleClients(callerOf(ctx), acting));
/** @throws Fault not_found */
export const getVolume = (ctx: ComputeRequest, id: string): Promise<VolumeRow> => reach(ctx, id, store.findVolume);

/** A volume to be made. */
export interface VolumeInput {
  region: string;
  name: string;
  description: string | null;
  /** GB; null: as large as its source. */
  size: number | null;
  type: string | null;
  deleteProtection: boolean;
  source: SourceIds;
  metadata?: Labels;
}
/**
 * Accepts a new volume; a job makes it.
 * @throws Fault invalid, forbidden/client.suspended, forbidden/create.quota, conflict/action.unsupported,
 * conflict/volume.status, not_found/client.not_found
 */
export const createVolume = async (
  ctx: ComputeRequest,
  input: VolumeInput,
  { client, acting }: { client?: number | undefined; acting?: string | undefined },
): Promise<Accepted> => {
  const caller = callerOf(ctx);
  const clientId = client ?? actingClient(caller, acting);
  const { id, operationId } = await dbOf(ctx).transaction(async (tx) => {
    const found = await shareLockOwner(tx, clientId);
    if (!caller.staff && found?.hold) throw clientSuspended();
    if (!found) throw invalid([unknownKey(['client'], clientId)]);
    await demandVolumeRegion(ctx, tx, input.region);
    const { projectId } = demandOwner(found, clientId);
    const owner = { clientId, projectId, staff: caller.staff };
    const source = await findSource(tx, input.source, input.region, owner);
    const { region: regionId, size: sizeGb, ...rest } = input;
    return makeVolume(ctx, tx, { ...rest, regionId, sizeGb, source }, owner, { asked: askedBy(ctx) });
  });
  return { volume: await getVolume(ctx, id), operationId };
};

const FIND = {
  find: store.findVolume as (...args: Parameters<typeof store.findVolume>) => Promise<Volume | undefined>,
};
const ofVolume = <R>(
  ctx: ComputeRequest,
  id: string,
  work: (tx: Tx, volume: Volume) => Promise<R>,
  options: { evenHeld?: boolean } = {},
): Promise<R> => onLocked(ctx, id, { ...FIND, lock: store.lockVolume, ...options }, work);
const after = async (ctx: ComputeRequest, id: string, operationId: string): Promise<Accepted> => ({
  volume: await getVolume(ctx, id),
  operationId,
});
/** @throws Fault conflict/action.unsupported */
const demandCapability = (ctx: ComputeRequest, regionId: string, needs: VolumeAction, word: string): void => {
  if (!demandVolumes(ctx, regionId, word).capabilities.has(needs)) throw unsupported(word);
};

/**
 * Changes name, description, delete protection, and whether instances boot from it.
 * @throws Fault not_found, forbidden/client.suspended
 */
export const changeVolume = async (
  ctx: ComputeRequest,
  id: string,
  changes: { [K in keyof Changes]?: Changes[K] | undefined },
): Promise<VolumeRow> => {
  await ofVolume(ctx, id, (tx) => store.updateVolume(tx, id, withoutUndefined(changes)));
  return getVolume(ctx, id);
};
/**
 * Why a locked volume can not be deleted now.
 * @throws Fault conflict/volume.protected, conflict/volume.status, conflict/volume.has_snapshots,
 * conflict/volume.in_use_as_source
 */
const demandDeletable = async (tx: Tx, volume: Volume): Promise<void> => {
  await demandIdle(tx, volume);
  if (await hasSnapshots(tx, volume.id)) throw refusal('conflict', 'volume.has_snapshots');
};
const demandIdle = async (tx: Tx, volume: Volume): Promise<void> => {
  const attachment = await findAttachmentOf(tx, volume.id);
  const status = attachment && DELETABLE.includes(volume.status) ? 'in-use' : volume.status;
  demandStatus('volume', { id: volume.id, status }, DELETABLE);
  if (await isSourceNow(tx, 'source_volume', volume.id)) throw refusal('conflict', 'volume.in_use_as_source');
};
/**
 * Accepts the deletion; asked for again while it goes on, it is the same one.
 * @returns id of the operation
 * @throws Fault not_found, conflict/volume.protected, and those of `demandDeletable`
 */
export const deleteVolume = (ctx: ComputeRequest, id: string): Promise<string> =>
  ofVolume(
    ctx,
    id,
    async (tx, volume) => {
      if (volume.status === 'deleting' && volume.operationId) return volume.operationId;
      if (volume.deleteProtection) throw refusal('conflict', 'volume.protected');
      await demandDeletable(tx, volume);
      return beginOnVolume(tx, volume, { action: 'volume.delete', ...askedBy(ctx) });
    },
    { evenHeld: true },
  );
/**
 * Deletes a volume with its snapshots: they go first, it goes when none is left.
 * @throws Fault not_found, conflict/volume.protected, conflict/volume.status, conflict/volume.in_use_as_source
 */
export const deleteWithSnapshots = (ctx: ComputeRequest, id: string): Promise<void> =>
  ofVolume(
    ctx,
    id,
    async (tx, volume) => {
      if (volume.status === 'deleting' || volume.doomed) return;
      if (volume.deleteProtection) throw refusal('conflict', 'volume.protected');
      await demandIdle(tx, volume);
      for (const one of await doomSnapshotsOf(tx, id)) demandStatus('snapshot', one, ['available', 'error']);
      await store.doomVolume(tx, id);
      await followDoomed(tx, { doomed: true });
    },
    { evenHeld: true },
  );
/**
 * Staff correct a status: `error`, or what the volume is without an error.
 * @throws Fault not_found, conflict/volume.status, invalid
 */
export const resetVolume = async (ctx: ComputeRequest, id: string, status: string): Promise<void> => {
  await ofVolume(ctx, id, async (tx, volume) => {
    demandStatus('volume', volume, [...DELETABLE, 'in-use']);
    const resting = restingStatus(await findAttachmentOf(tx, id));
    if (status !== 'error' && status !== resting) throw invalidValue(['status'], 'volume.reset', { resting });
    await store.writeState(tx, id, status === 'error' ? { status } : { status: resting, fault: null, wantedGb: null });
  });
};
/** Nobody asked: the client or an instance has ended. Protection does not count. @throws as `demandDeletable` */
export const deleteByPortal = async (tx: Tx, id: string): Promise<void> => {
  const volume = await store.lockVolume(tx, id);
  if (!volume) return;
  await demandDeletable(tx, volume);
  await beginOnVolume(tx, volume, { action: 'volume.delete', ...SYSTEM });
};
/**
 * Makes a volume larger.
 * @throws Fault not_found, forbidden/client.suspended, conflict/action.unsupported, conflict/volume.status, invalid,
 * forbidden/create.quota
 */
export const extendVolume = async (ctx: ComputeRequest, id: string, size: number): Promise<Accepted> => {
  const operationId = await ofVolume(ctx, id, async (tx, volume) => {
    demandCapability(ctx, volume.regionId, 'extend', 'extend');
    demandUsable(volume, ['available', 'in-use', 'error_extending']);
    const attached = (await findAttachmentOf(tx, id)) !== undefined;
    const { capabilities } = demandVolumes(ctx, volume.regionId, 'extend');
    if (attached && !capabilities.has('extend_attached')) throw refusal('conflict', 'volume.attached_here');
    if (size <= volume.sizeGb) throw invalidValue(['size'], 'volume.larger', { size: volume.sizeGb });
    await reserveQuota(tx, volume.projectId, { gigabytes: size - volume.sizeGb });
    return beginOnVolume(tx, volume, { action: 'volume.extend', params: { size }, wantedGb: size, ...askedBy(ctx) });
  });
  return after(ctx, id, operationId);
};
/**
 * Makes an image of a volume.
 * @throws Fault not_found, forbidden/client.suspended, conflict/action.unsupported, conflict/volume.status,
 * forbidden/image.too_many
 */
export const uploadVolume = async (
  ctx: ComputeRequest,
  id: string,
  { name, diskFormat }: { name: string; diskFormat: 'qcow2' | 'raw' },
): Promise<Accepted & { imageId: string }> => {
  let imageId = '';
  const operationId = await ofVolume(ctx, id, async (tx, volume) => {
    demandCapability(ctx, volume.regionId, 'upload', 'upload_to_image');
    demandUsable(volume, ['available', 'in-use']);
    const { projectId, regionId, sizeGb, osDistro } = volume;
    imageId = await beginVolumeImage(tx, {
      name,
      projectId,
      regionId,
      minDisk: sizeGb,
      osDistro,
      diskFormat,
      volumeId: id,
    });
    return beginOnVolume(tx, volume, {
      action: 'volume.upload',
      params: { image: imageId, name, disk_format: diskFormat },
      ...askedBy(ctx),
    });
  });
  return { ...(await after(ctx, id, operationId)), imageId };
};
/**
 * The volume gets the content that it had at the snapshot.
 * @throws Fault not_found, forbidden/client.suspended, conflict/action.unsupported, conflict/volume.status, invalid,
 * conflict/volume.snapshot_size
 */
export const revertVolume = async (ctx: ComputeRequest, id: string, snapshotId: string): Promise<Accepted> => {
  const operationId = await ofVolume(ctx, id, async (tx, volume) => {
    demandCapability(ctx, volume.regionId, 'revert', 'revert_to_snapshot');
    demandUsable(volume, ['available']);
    const snapshot = await lockSnapshot(tx, snapshotId);
    if (snapshot?.clientId !== volume.clientId) throw invalid([unknownKey(['snapshot'], snapshotId)]);
    if (snapshot.volumeId !== id) throw invalidValue(['snapshot'], 'volume.foreign_snapshot');
    demandStatus('snapshot', snapshot, ['available']);
    if (snapshot.sizeGb !== volume.sizeGb) throw refusal('conflict', 'volume.snapshot_size');
    const operation = await beginOnVolume(tx, volume, {
      action: 'volume.revert',
      params: { snapshot: snapshotId },
      ...askedBy(ctx),
    });
    await writeSnapshot(tx, snapshotId, { status: 'restoring', operationId: operation });
    return operation;
  });
  return after(ctx, id, operationId);
};
