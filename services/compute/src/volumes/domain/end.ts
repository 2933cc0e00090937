import { enqueue, TURN_MS, type Tx } from '@nefos/service-kit';
import { deleteSnapshotImage, finishSnapshotImage } from '../../catalog/domain/parts.js';
import type { ComputeCtx } from '../../ctx.js';
import { enqueueRun } from '../../operations/domain/accept.js';
import { endOther } from '../../operations/domain/others.js';
import type { Failure } from '../../operations/tables.js';
import {
  findAttachedInstance,
  findAttachmentOf,
  removeAttachment,
  shareLockInstance,
  updateAttachment,
} from '../store/attachments.js';
import { lockBackup, removeBackup, writeBackup } from '../store/backups.js';
import { lockSnapshot, removeSnapshot, writeSnapshot } from '../store/snapshots.js';
import { lockVolume, removeVolume, writeState, type Volume, type VolumeState } from '../store/volumes.js';
import { TRANSITIONS, type VolumeStatus } from '../volume-states.js';
import { restingStatus } from './accept.js';
import type { Seen } from './calls.js';
import { followDoomed } from './doomed.js';
import { endMetering, meterBackup, meterSnapshot, meterVolume } from './metered.js';
import type { StorageWork } from './work.js';

// How operations on volumes, snapshots and backups end: their statuses, the operation and what follows change together.

export const SETTLE = 'volume.settle';
export const settleKey = (instance: string): string => `${SETTLE}:${instance}`;
/** Volumes of an instance that has ended or was built show it: the job's payload and key. */
export const enqueueSettle = (tx: Tx, instance: string, runAt?: Date): Promise<void> =>
  enqueue(tx, SETTLE, { instance }, { key: settleKey(instance), ...(runAt && { runAt }) });
/** Another job of the instance runs: again in a moment. */
export const settleSoon = (ctx: ComputeCtx, instance: string): Promise<void> =>
  ctx.db.transaction((tx) => enqueueSettle(tx, instance, new Date(Date.now() + TURN_MS)));

/** The instance that the new volume is for goes on, or it has ended meanwhile. */
const followCreate = async (tx: Tx, volume: Volume, status: VolumeStatus): Promise<VolumeStatus> => {
  const attachment = await findAttachmentOf(tx, volume.id);
  const instance = attachment && (await findAttachedInstance(tx, attachment.instanceId));
  if (!instance) return status;
  if (instance.deleted) await enqueueSettle(tx, instance.id);
  else if (instance.building !== null)
    await enqueueRun(tx, { operationId: instance.building, instanceId: instance.id, action: 'create' });
  return status === 'available' ? 'reserved' : status;
};
/** The volume as it was before, by what has it. */
const resting = async (tx: Tx, { id }: Volume, previous: string): Promise<VolumeStatus> =>
  previous === 'error' || previous === 'error_extending' ? previous : restingStatus(await findAttachmentOf(tx, id));

const completeAttach = async (tx: Tx, work: StorageWork, seen: Seen): Promise<VolumeState> => {
  const { attachment } = work;
  if (attachment)
    await updateAttachment(tx, attachment.id, { state: 'attached', ...(seen.device && { device: seen.device }) });
  return { status: 'in-use' };
};
/** Status of the volume after the success; undefined: its row is gone. */
const volumeAfter = async (tx: Tx, work: StorageWork, volume: Volume, seen: Seen): Promise<VolumeState | undefined> => {
  switch (work.action) {
    case 'volume.create':
      await meterVolume(tx, volume);
      return { status: await followCreate(tx, volume, 'available'), backendId: seen.backendId ?? null, fault: null };
    case 'volume.delete':
      await endMetering(tx, 'volume', volume.id);
      await removeVolume(tx, volume.id);
      return undefined;
    case 'volume.extend':
      await meterVolume(tx, volume, work.params.size);
      return {
        status: restingStatus(work.attachment),
        sizeGb: work.params.size ?? volume.sizeGb,
        wantedGb: null,
        fault: null,
      };
    case 'volume.attach':
      return completeAttach(tx, work, seen);
    case 'volume.detach':
      if (work.attachment) await removeAttachment(tx, work.attachment.id);
      return { status: 'available' };
    case 'volume.revert':
      if (work.snapshot) await writeSnapshot(tx, work.snapshot.id, { status: 'available' });
      return { status: 'available', fault: null };
    case 'volume.restore':
      if (work.backup) await writeBackup(tx, work.backup.id, { status: 'available' });
      return { status: 'available', fault: null };
    case 'volume.upload':
    case 'volumebackup.create':
      return { status: await resting(tx, volume, work.previousState) };
    default:
      return undefined;
  }
};
/** What the success means for a snapshot or a backup of its own. */
const copyAfter = async (tx: Tx, work: StorageWork, seen: Seen): Promise<void> => {
  const { snapshot, backup, params } = work;
  switch (work.action) {
    case 'volumesnapshot.create':
      if (snapshot) {
        await writeSnapshot(tx, snapshot.id, { status: 'available', backendId: seen.backendId ?? null, fault: null });
        await meterSnapshot(tx, snapshot);
      }
      return;
    case 'volumesnapshot.delete':
      if (snapshot) {
        await endMetering(tx, 'volume_snapshot', snapshot.id);
        await removeSnapshot(tx, snapshot.id);
      }
      return followDoomed(tx, snapshot);
    case 'volumebackup.create':
      if (backup) {
        await writeBackup(tx, backup.id, { status: 'available', backendId: seen.backendId ?? null, fault: null });
        await meterBackup(tx, backup);
      }
      return;
    case 'volumebackup.delete':
      if (backup) {
        await endMetering(tx, 'volume_backup', backup.id);
        await removeBackup(tx, backup.id);
      }
      return followDoomed(tx, backup);
    case 'volume.upload':
      await finishSnapshotImage(tx, params.image ?? '', {
        size: seen.image?.size ?? null,
        backendId: seen.image?.backendId ?? null,
      });
      return;
    default:
  }
};
/** Locks what the operation is on, the volume first. */
const lockAll = async (tx: Tx, work: StorageWork): Promise<Volume | undefined> => {
  const volume = await lockVolume(tx, work.params.volume);
  if (work.snapshot) await lockSnapshot(tx, work.snapshot.id);
  if (work.backup) await lockBackup(tx, work.backup.id);
  return volume;
};
/**
 * The hypervisor has done it.
 * @returns false: the instance of an attachment has ended meanwhile, so the volume has to be taken back
 */
export const completeStorage = ({ db }: ComputeCtx, work: StorageWork, seen: Seen): Promise<boolean> =>
  db.transaction(async (tx) => {
    if (work.action === 'volume.attach' && !(await shareLockInstance(tx, work.instanceId ?? ''))) return false;
    const volume = await lockAll(tx, work);
    const state = volume && (await volumeAfter(tx, work, volume, seen));
    if (volume && state) await writeState(tx, volume.id, state);
    await copyAfter(tx, work, seen);
    await followDoomed(tx, volume);
    await endOther(tx, work, null);
    return true;
  });

/** Status of the volume after the failure. */
const volumeFailed = async (tx: Tx, work: StorageWork, volume: Volume): Promise<VolumeState | undefined> => {
  const { failure, volume: busy } = TRANSITIONS[work.action];
  if (busy === null) return undefined;
  if (work.action === 'volume.attach') {
    const { attachment } = work;
    const instance = attachment && (await findAttachedInstance(tx, attachment.instanceId));
    if (attachment && instance?.deleted) {
      // It may have to go with the instance: as one that was attached.
      await updateAttachment(tx, attachment.id, { state: 'attached' });
      await enqueueSettle(tx, instance.id);
      return { status: 'in-use' };
    }
    if (attachment) await removeAttachment(tx, attachment.id);
    return { status: 'available' };
  }
  if (work.action === 'volume.detach' && work.attachment)
    await updateAttachment(tx, work.attachment.id, { state: 'attached' });
  if (work.action === 'volume.create') return { status: await followCreate(tx, volume, 'error') };
  // Before the first call nothing has become of it.
  const status =
    failure === 'previous' || work.attempts === 0 ? await resting(tx, volume, work.previousState) : failure;
  return { status, wantedGb: null };
};
/** @param error for the operation, and for the thing when that is in `error` */
export const failStorage = ({ db }: ComputeCtx, work: StorageWork, error: Failure): Promise<void> =>
  db.transaction(async (tx) => {
    const volume = await lockAll(tx, work);
    const state = volume && (await volumeFailed(tx, work, volume));
    if (volume && state)
      await writeState(tx, volume.id, { ...state, ...(state.status.startsWith('error') && { fault: error }) });
    const { snapshot, backup, params } = work;
    const made = work.action === 'volumesnapshot.create' || work.action === 'volumesnapshot.delete';
    if (snapshot)
      await writeSnapshot(tx, snapshot.id, made ? { status: 'error', fault: error } : { status: 'available' });
    const kept = work.action === 'volumebackup.create' || work.action === 'volumebackup.delete';
    if (backup) await writeBackup(tx, backup.id, kept ? { status: 'error', fault: error } : { status: 'available' });
    if (work.action === 'volume.upload') await deleteSnapshotImage(tx, params.image ?? '');
    await followDoomed(tx, volume);
    await endOther(tx, work, error);
  });
