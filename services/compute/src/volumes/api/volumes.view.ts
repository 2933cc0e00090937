import type { Viewer } from '../../access/api/viewer.js';
import { localTime } from '../../local-time.js';
import { PLAIN_FAULTS } from '../../operations/api/operations.view.js';
import type { VolumeBackup } from '../domain/backups.js';
import type { VolumeSnapshot } from '../domain/snapshots.js';
import type { VolumeType } from '../domain/types.js';
import type { VolumeRow } from '../domain/volumes.js';

/** Volumes and what belongs to them as contract compute §8.1 shows them. */
const faultView = (fault: VolumeRow['fault'], staff: boolean) =>
  fault && { ...fault, message: staff || PLAIN_FAULTS.has(fault.code) ? fault.message : 'The operation failed.' };

export const volumeView = (v: VolumeRow, { staff, zone }: Viewer) => ({
  id: v.id,
  name: v.name,
  description: v.description,
  size: v.sizeGb,
  status: v.status,
  bootable: v.bootable,
  volume_type: v.typeName,
  attachments: v.attachments.map(({ instanceId, device, deleteOnTermination }) => ({
    instance: instanceId,
    device,
    delete_on_termination: deleteOnTermination,
  })),
  region: v.regionId,
  source_image: v.imageId,
  source_snapshot: v.sourceSnapshotId,
  source_volume: v.sourceVolumeId,
  source_backup: v.sourceBackupId,
  multiattach: false,
  delete_protection: v.deleteProtection,
  project_id: v.projectId,
  fault: faultView(v.fault, staff),
  created_at: localTime(v.createdAt, zone),
  updated_at: localTime(v.updatedAt, zone),
  ...(staff && { client: v.clientId }),
});
const copyView = (x: VolumeSnapshot | VolumeBackup, { staff, zone }: Viewer) => ({
  id: x.id,
  name: x.name,
  description: x.description,
  volume_id: x.volumeId,
  size: x.sizeGb,
  status: x.status,
  region: x.regionId,
  project_id: x.projectId,
  fault: faultView(x.fault, staff),
  created_at: localTime(x.createdAt, zone),
  updated_at: localTime(x.updatedAt, zone),
  ...(staff && { client: x.clientId }),
});
export const snapshotView = (s: VolumeSnapshot, viewer: Viewer) => copyView(s, viewer);
export const backupView = (b: VolumeBackup, viewer: Viewer) => ({
  ...copyView(b, viewer),
  is_incremental: b.parentId !== null,
  parent_id: b.parentId,
});
export const typeView = (t: VolumeType, { staff }: Viewer) => ({
  id: t.id,
  name: t.name,
  description: t.description,
  is_public: t.isPublic,
  region: t.regionId,
  ...(staff && { backend_name: t.backendName }),
});
