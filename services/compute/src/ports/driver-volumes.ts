import type { ImageSpec, SnapshotView } from './driver-images.js';

// Volumes, their snapshots and backups (contract compute §8.1, §11). Every call may be repeated, also after a crash in
// the middle of it, and takes 30 s at most: what takes longer goes on after the call, and is watched with `get...`.

/** Names a volume, or a snapshot or backup of one. */
export interface StoredRef {
  /** Id in the portal. */
  portalId: string;
  /** The hypervisor's own id; null while it is not known. */
  backendId: string | null;
}
/** What a new volume is filled with. */
export type VolumeSource =
  | { image: ImageSpec }
  | { volume: StoredRef }
  | { snapshot: StoredRef; volume: StoredRef }
  | { backup: StoredRef; volume: StoredRef };
export interface VolumeSpec {
  portalId: string;
  projectId: string;
  name: string;
  sizeGb: number;
  /** The hypervisor's own name of the type; null: its default. */
  type: string | null;
  /** Null: a blank one. */
  source: VolumeSource | null;
}
/** A volume, snapshot or backup. `busy`: something goes on, `ready`: the last call has had its effect. */
export interface StoredView {
  status: 'busy' | 'ready' | 'error';
  backendId: string | null;
  sizeGb: number;
  /** What went wrong, in words for the client. */
  message?: string;
}
/** What a driver can do beyond blank volumes. */
export const VOLUME_ACTIONS = [
  'image',
  /** A machine starts from a volume (`InstanceSpec.volumes` with `boot`). */
  'boot',
  'clone',
  'extend',
  'extend_attached',
  'snapshot',
  'revert',
  'backup',
  'upload',
] as const;
export type VolumeAction = (typeof VOLUME_ACTIONS)[number];
export interface VolumeDriver {
  readonly capabilities: ReadonlySet<VolumeAction>;
  /** Begins a volume; once per portalId. @returns with `backendId` when the hypervisor has one of its own */
  create(spec: VolumeSpec): Promise<StoredRef>;
  /** Null: there is no such volume. */
  get(volume: StoredRef): Promise<StoredView | null>;
  /** Only larger. Succeeds when it has that size. */
  extend(volume: StoredRef, sizeGb: number): Promise<void>;
  /** Succeeds when there is none. Its snapshots are gone before. */
  destroy(volume: StoredRef): Promise<void>;
  /** A page of all volumes, by portal id: what was the portal's, and is gone there, is destroyed. */
  list(page: { after: string | null; limit: number }): Promise<StoredRef[]>;
  createSnapshot(volume: StoredRef, snapshot: { portalId: string; name: string }): Promise<StoredRef>;
  getSnapshot(volume: StoredRef, snapshot: StoredRef): Promise<StoredView | null>;
  destroySnapshot(volume: StoredRef, snapshot: StoredRef): Promise<void>;
  /** The volume is again as it was. */
  revert(volume: StoredRef, snapshot: StoredRef): Promise<void>;
  /** A copy that outlives the volume. @param backup.parent the full backup that it builds on; null: it is full */
  createBackup(
    volume: StoredRef,
    backup: { portalId: string; name: string; parent: StoredRef | null },
  ): Promise<StoredRef>;
  getBackup(backup: StoredRef): Promise<StoredView | null>;
  destroyBackup(backup: StoredRef): Promise<void>;
  /** Fills an existing volume from a backup. */
  restoreBackup(backup: StoredRef, volume: StoredRef): Promise<void>;
  /** Begins an image of the volume; once per imageId. Deleted by `deleteSnapshot` of the machines' driver. */
  upload(volume: StoredRef, image: { imageId: string; name: string; diskFormat: string }): Promise<void>;
  getUpload(image: { imageId: string; backendId: string | null }): Promise<SnapshotView | null>;
}
