/** The statuses of contract compute §8.2, as far as volumes get them. `maintenance`: it is being reverted. */
export type VolumeStatus =
  | 'creating'
  | 'available'
  | 'reserved'
  | 'attaching'
  | 'detaching'
  | 'in-use'
  | 'maintenance'
  | 'deleting'
  | 'error'
  | 'error_deleting'
  | 'error_extending'
  | 'extending'
  | 'uploading'
  | 'backing-up'
  | 'restoring-backup';
export type SnapshotStatus = 'creating' | 'available' | 'deleting' | 'error' | 'restoring';
export type BackupStatus = 'creating' | 'available' | 'deleting' | 'error' | 'restoring';
export type AttachmentState = 'reserved' | 'attaching' | 'attached' | 'detaching';

/** What is done to volumes, snapshots and backups, each by a job. */
export type StorageAction =
  | 'volume.create'
  | 'volume.delete'
  | 'volume.extend'
  | 'volume.attach'
  | 'volume.detach'
  | 'volume.upload'
  | 'volume.revert'
  | 'volume.restore'
  | 'volumesnapshot.create'
  | 'volumesnapshot.delete'
  | 'volumebackup.create'
  | 'volumebackup.delete';
export interface StorageTransition {
  /** Statuses of a volume in which it is accepted; null: not looked at. */
  from: readonly VolumeStatus[] | null;
  /** Status of the volume while it goes on; null: as it was. */
  volume: VolumeStatus | null;
  /** Status of the volume after a failure; `previous`: the one before. */
  failure: VolumeStatus | 'previous';
  deadlineSeconds: number;
  /** A delete: a hypervisor that is away is asked without limit. */
  endless: boolean;
}
const SHORT = { deadlineSeconds: 600, endless: false } as const;
const LONG = { deadlineSeconds: 7200, endless: false } as const;
/** Of what can be deleted, and deleted again when that has failed. */
export const DELETABLE: readonly VolumeStatus[] = ['available', 'error', 'error_deleting', 'error_extending'];
export const TRANSITIONS: Readonly<Record<StorageAction, StorageTransition>> = {
  'volume.create': { ...LONG, from: null, volume: 'creating', failure: 'error' },
  'volume.delete': { ...SHORT, from: DELETABLE, volume: 'deleting', failure: 'error_deleting', endless: true },
  'volume.extend': {
    ...SHORT,
    from: ['available', 'in-use', 'error_extending'],
    volume: 'extending',
    failure: 'error_extending',
  },
  'volume.attach': { ...SHORT, from: ['available'], volume: 'attaching', failure: 'previous' },
  'volume.detach': { ...SHORT, from: ['in-use', 'error_extending'], volume: 'detaching', failure: 'previous' },
  'volume.upload': { ...LONG, from: ['available', 'in-use'], volume: 'uploading', failure: 'previous' },
  'volume.revert': { ...LONG, from: ['available'], volume: 'maintenance', failure: 'error' },
  'volume.restore': { ...LONG, from: ['available', 'error'], volume: 'restoring-backup', failure: 'error' },
  'volumesnapshot.create': { ...LONG, from: ['available', 'in-use'], volume: null, failure: 'previous' },
  'volumesnapshot.delete': { ...SHORT, from: null, volume: null, failure: 'previous', endless: true },
  'volumebackup.create': { ...LONG, from: ['available', 'in-use'], volume: 'backing-up', failure: 'previous' },
  'volumebackup.delete': { ...SHORT, from: null, volume: null, failure: 'previous', endless: true },
};
