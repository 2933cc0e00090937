import { randomUUID } from 'node:crypto';
import { enqueue, type Queryable, type Tx } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { findImage, type Image } from '../store/images.js';
import {
  activateImage,
  insertImage,
  listTaggedBackups,
  listUnfinished,
  markDeleted,
  removeImage,
} from '../store/snapshots.js';

/** What a snapshot or a backup of an instance is named and has from it. */
export interface SnapshotInput {
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
  /** A backup has its kind here, for the rotation: `backup_type`. */
  properties?: Record<string, string>;
}
const tagOf = (kind: string): string => `backup:${kind}`;
/** The image of a snapshot that a driver is going to make: `saving`. @returns its id, for the driver */
export const beginSnapshotImage = async (tx: Tx, { properties, ...input }: SnapshotInput): Promise<string> => {
  const id = randomUUID();
  await insertImage(tx, {
    ...input,
    id,
    status: 'saving',
    visibility: 'private',
    containerFormat: 'bare',
    diskFormat: input.diskFormat ?? 'qcow2',
    tags: properties?.backup_type === undefined ? [] : [tagOf(properties.backup_type)],
  });
  return id;
};
/**
 * The driver has made it: `active`. Done twice is done once. The hypervisor's own id is not stored yet: drivers find
 * the image by ours.
 * @param made.size bytes; null: not known
 * @returns whether the image was being made; it may have been deleted meanwhile
 */
export const finishSnapshotImage = (
  tx: Tx,
  id: string,
  { size }: { backendId: string | null; size: number | null },
): Promise<boolean> => activateImage(tx, id, size ?? 0);
/** Backups of an instance of this kind (`backup_type`) that are made or being made, the newest first. */
export const listBackupImages = (q: Queryable, instanceId: string, kind: string): Promise<Image[]> =>
  listTaggedBackups(q, instanceId, tagOf(kind));
/** Deletes a snapshot or a backup that nobody asked for by hand: one that failed, or that the rotation drops. */
export const deleteSnapshotImage = async (tx: Tx, id: string): Promise<void> => {
  if (await markDeleted(tx, id)) await enqueueDelete(tx, id);
};
const enqueueDelete = (tx: Tx, id: string): Promise<void> =>
  enqueue(tx, 'image.delete', { id }, { key: `image.delete:${id}`, queue: `image:${id.slice(0, 2)}` });

/** Images of snapshots that are being made. Whoever knows the operations says which of them nobody makes any more. */
export const listSavingSnapshots = (q: Queryable, limit: number): Promise<{ id: string; instanceId: string }[]> =>
  listUnfinished(q, 'saving', limit);
/** The job `image.delete`: takes away what the driver has of an image that was deleted, then its row. */
export const finishImageDelete = async (ctx: ComputeCtx, id: string): Promise<void> => {
  const image = await findImage(ctx.db, id);
  if (image?.status !== 'pending_delete') return;
  await ctx.drivers.of(image.regionId).deleteSnapshot?.({ imageId: id, backendId: null });
  await ctx.db.transaction((tx) => removeImage(tx, id));
};
/** Enqueues the jobs of images that are to be deleted and are not yet. @returns how many there are */
export const sweepImageDeletes = async (ctx: ComputeCtx): Promise<number> => {
  const found = await listUnfinished(ctx.db, 'pending_delete', 1000);
  for (const { id } of found) await ctx.db.transaction((tx) => enqueueDelete(tx, id));
  return found.length;
};
