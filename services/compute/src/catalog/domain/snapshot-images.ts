import { randomUUID } from 'node:crypto';
import type { Queryable, Tx } from '@nefos/service-kit';
import { insertImage, listBackupsOf, listSaving, lockImage, updateImage, type Image } from '../store/images.js';
import { meterImage } from './image-usage.js';
import { beginImageDelete, demandRoom } from './images.js';

/** What a snapshot or a backup of an instance is named and has from it. */
export interface SnapshotInput {
  /** Absent: one is made. The driver makes the image once per id. */
  id?: string;
  name: string;
  type: 'snapshot' | 'backup';
  instanceId: string;
  projectId: string;
  regionId: string;
  /** GB of the instance's root disk: a smaller one does not hold it. */
  minDisk: number;
  minRam?: number;
  diskFormat?: string | null;
  osDistro?: string | null;
  osVersion?: string | null;
  architecture?: string | null;
  hwQemuGuestAgent?: boolean;
  hypervisorType?: string | null;
  /** A backup has here what the rotation goes by: `backup_type`, and `backup_schedule` of a schedule's. */
  properties?: Record<string, string>;
  tags?: string[];
}
/** The image of a snapshot that a driver is going to make: `saving`. @returns its id, for the driver */
export const beginSnapshotImage = async (tx: Tx, { id = randomUUID(), ...input }: SnapshotInput): Promise<string> => {
  await insertImage(tx, {
    ...input,
    id,
    status: 'saving',
    visibility: 'private',
    containerFormat: 'bare',
    diskFormat: input.diskFormat ?? 'qcow2',
  });
  return id;
};
/**
 * The image of a volume that a driver is going to make: `saving`.
 * @returns its id, for the driver
 * @throws Fault forbidden/image.too_many
 */
export const beginVolumeImage = async (
  tx: Tx,
  input: Pick<SnapshotInput, 'name' | 'projectId' | 'regionId' | 'minDisk' | 'osDistro'> & {
    diskFormat: string;
    volumeId: string;
  },
): Promise<string> => {
  await demandRoom(tx, input.projectId);
  const id = randomUUID();
  await insertImage(tx, {
    ...input,
    id,
    type: 'template',
    status: 'saving',
    visibility: 'private',
    containerFormat: 'bare',
  });
  return id;
};
/**
 * The driver has made it: `active`. Done twice is done once.
 * @param made.size bytes; null: not known
 * @returns whether the image is there; it may have been deleted meanwhile
 */
export const finishSnapshotImage = async (
  tx: Tx,
  id: string,
  { backendId, size }: { backendId: string | null; size: number | null },
): Promise<boolean> => {
  const image = await lockImage(tx, id);
  if (!image) return false;
  if (image.status !== 'saving') return true;
  const made = await updateImage(tx, id, { status: 'active', backendId, size: String(size ?? 0), fault: null });
  if (made) await meterImage(tx, { ...made, clientId: image.clientId });
  return true;
};
/**
 * Backups of an instance that are made or being made, the newest first: those of a schedule, or of this kind
 * (`backup_type`) without one.
 */
export const listBackupImages = (
  q: Queryable,
  instanceId: string,
  of: { kind: string; schedule: string | null },
): Promise<Image[]> => listBackupsOf(q, instanceId, of);
/** Deletes a snapshot or a backup that nobody asked for by hand, such as one that the rotation drops. */
export const deleteSnapshotImage = async (tx: Tx, id: string): Promise<void> => {
  if (await lockImage(tx, id, 'delete')) await beginImageDelete(tx, id);
};
/**
 * Deletes an image that is `saving` and that nobody makes any more.
 * @param isMade asked while the image is locked
 * @returns whether it was deleted
 */
export const deleteUnfinishedSnapshot = async (
  tx: Tx,
  id: string,
  isMade: () => Promise<boolean>,
): Promise<boolean> => {
  const image = await lockImage(tx, id, 'delete');
  if (image?.status !== 'saving' || (await isMade())) return false;
  await beginImageDelete(tx, id);
  return true;
};
/** Images of snapshots that are being made. Whoever knows the operations says which of them nobody makes any more. */
export const listSavingSnapshots = (q: Queryable, limit: number): Promise<{ id: string; instanceId: string }[]> =>
  listSaving(q, limit);
