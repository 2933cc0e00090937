import { findImage } from '../../catalog/domain/parts.js';
import type { ComputeCtx } from '../../ctx.js';
import { driverError } from '../../operations/domain/driver-errors.js';
import type { OtherWork } from '../../operations/domain/others.js';
import type { ComputeDriver } from '../../ports/driver.js';
import type { StoredRef, VolumeDriver, VolumeSource } from '../../ports/driver-volumes.js';
import { findAttachedInstance, findAttachmentOf, type AttachedInstance } from '../store/attachments.js';
import { findBackup, type VolumeBackup } from '../store/backups.js';
import { findSnapshot, type VolumeSnapshot } from '../store/snapshots.js';
import { findType } from '../store/types.js';
import { findVolume, type VolumeRow } from '../store/volumes.js';
import type { VolumeAttachment } from '../tables.js';
import type { StorageAction } from '../volume-states.js';
import type { StorageParams } from './accept.js';

/** An operation and what its calls of the driver need. */
export interface StorageWork extends Omit<OtherWork, 'action' | 'params' | 'instanceId'> {
  action: StorageAction;
  params: StorageParams;
  instanceId: string | null;
  /** Absent: it is gone; a backup outlives it. */
  volume: VolumeRow | undefined;
  snapshot: VolumeSnapshot | undefined;
  backup: VolumeBackup | undefined;
  attachment: VolumeAttachment | undefined;
  instance: AttachedInstance | undefined;
  region: string;
}
export const refOf = (one: { id: string; backendId: string | null }): StoredRef => ({
  portalId: one.id,
  backendId: one.backendId,
});
/** Reads what the operation is about. */
export const loadWork = async ({ db }: ComputeCtx, begun: OtherWork): Promise<StorageWork> => {
  const params = begun.params as unknown as StorageParams;
  const instanceId = begun.instanceId as string | null;
  const volume = await findVolume(db, params.volume);
  const snapshot = params.snapshot === undefined ? undefined : await findSnapshot(db, params.snapshot);
  const backup = params.backup === undefined ? undefined : await findBackup(db, params.backup);
  return {
    ...begun,
    action: begun.action as unknown as StorageAction,
    params,
    instanceId,
    volume,
    snapshot,
    backup,
    attachment: volume && (await findAttachmentOf(db, volume.id)),
    instance: instanceId === null ? undefined : await findAttachedInstance(db, instanceId),
    region: (volume ?? backup ?? snapshot)?.regionId ?? '',
  };
};

/** What is there by now, or the driver's error that says so. @throws DriverError NOT_FOUND */
export const present = <T>(one: T | undefined, what: string): T => {
  if (one === undefined) throw driverError('NOT_FOUND', `The ${what} is gone.`);
  return one;
};
/** The driver's calls for volumes. @throws DriverError UNSUPPORTED: the region has another driver by now */
export const volumesOf = (driver: ComputeDriver): VolumeDriver => {
  if (!driver.volumes) throw driverError('UNSUPPORTED', 'The driver of the region has no volumes.');
  return driver.volumes;
};
/** What a new volume is filled with. @throws DriverError NOT_FOUND: that is gone */
export const sourceOf = async ({ db }: ComputeCtx, work: StorageWork): Promise<VolumeSource | null> => {
  const volume = present(work.volume, 'volume');
  if (volume.imageId !== null && work.params.image !== undefined) {
    const image = present(await findImage(db, volume.imageId), 'image');
    return { image: { id: image.id, backendId: image.backendId, diskFormat: image.diskFormat } };
  }
  if (volume.sourceSnapshotId !== null) {
    const snapshot = present(work.snapshot, 'snapshot');
    const of = present(await findVolume(db, snapshot.volumeId), 'volume of the snapshot');
    return { snapshot: refOf(snapshot), volume: refOf(of) };
  }
  if (volume.sourceBackupId !== null) {
    const backup = present(work.backup, 'backup');
    return { backup: refOf(backup), volume: { portalId: backup.volumeId, backendId: backup.volumeBackendId } };
  }
  if (volume.sourceVolumeId !== null)
    return { volume: refOf(present(await findVolume(db, volume.sourceVolumeId), 'source')) };
  return null;
};
/** The hypervisor's own name of the volume's type. */
export const typeOf = async ({ db }: ComputeCtx, { typeId }: VolumeRow): Promise<string | null> => {
  const type = typeId === null ? undefined : await findType(db, typeId);
  return type ? (type.backendName ?? type.name) : null;
};
