import type { ComputeCtx } from '../../ctx.js';
import { findImage, listUnfinishedImages, failSnapshotImage, removeImage } from '../../catalog/domain/parts.js';
import { isImageBeingMade } from '../store/operations.js';
import { enqueueImageDrop } from './effects.js';

/**
 * Deletes an image of a snapshot at the driver, then its row, if it waits for that. May be repeated. An image that
 * the driver can not delete any more, since it makes none, is deleted here alone.
 */
export const dropImage = async (ctx: ComputeCtx, imageId: string): Promise<void> => {
  const image = await findImage(ctx.db, imageId);
  if (image?.status !== 'pending_delete') return;
  await ctx.drivers.of(image.regionId).deleteSnapshot?.({ imageId, backendId: null });
  await ctx.db.transaction((tx) => removeImage(tx, imageId));
};
/**
 * Finds images of snapshots that nobody makes any more (the instance was deleted or its state set meanwhile), and
 * those whose deletion lost its job.
 */
export const sweepSnapshotImages = async (ctx: ComputeCtx): Promise<{ unfinished: number; dropped: number }> => {
  const unfinished = await listUnfinishedImages(ctx.db, 200);
  let dropped = 0;
  for (const { id, instanceId, status } of unfinished)
    await ctx.db.transaction(async (tx) => {
      if (status === 'saving') {
        if (instanceId !== null && (await isImageBeingMade(tx, instanceId, id))) return;
        if (!(await failSnapshotImage(tx, id))) return;
      }
      await enqueueImageDrop(tx, id);
      dropped += 1;
    });
  return { unfinished: unfinished.length, dropped };
};
