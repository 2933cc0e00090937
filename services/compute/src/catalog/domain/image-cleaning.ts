import { ensureJob } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { refusal } from '../../refusals.js';
import { killDataOf, killStaleData, listDeadData, listStaleData } from '../store/image-data.js';
import { isImageUsed, listImagesIn, lockImage, readImage, removeImage, updateImage } from '../store/images.js';
import { imageFault, removeDeadData, removeDeadDataOf } from './image-data.js';
import { DELETE_IMAGE } from './images.js';

/**
 * The job `image.delete`: takes away what there is of an image that was deleted, here and at the hypervisor. While a
 * machine made from it is there its data stays, since the machine's disk may be a layer on it; the sweep asks again.
 */
export const finishImageDelete = async (ctx: ComputeCtx, id: string): Promise<void> => {
  const image = await readImage(ctx.db, id);
  if (image?.status !== 'pending_delete' || (await isImageUsed(ctx.db, id))) return;
  if (image.type === 'snapshot' || image.type === 'backup' || image.volumeId !== null)
    await ctx.drivers.of(image.regionId).deleteSnapshot?.({ imageId: id, backendId: image.backendId });
  await ctx.db.transaction((tx) => killDataOf(tx, id));
  await removeDeadDataOf(ctx, id);
  await removeImage(ctx.db, id);
};
/** Uploads whose process is gone: the image is as before, and the file goes. Files that no image has go. */
export const sweepImageData = async (ctx: ComputeCtx): Promise<{ stale: number; dead: number }> => {
  const stale = await listStaleData(ctx.db, 100);
  for (const { id, imageId } of stale)
    await ctx.db.transaction(async (tx) => {
      const image = await lockImage(tx, imageId);
      if (!(await killStaleData(tx, id)) || image?.dataId !== id) return;
      const fault = imageFault(refusal('conflict', 'image.interrupted'), ctx.clock.now());
      if (image.status === 'saving') await updateImage(tx, imageId, { status: 'queued', dataId: null, fault });
      // Its job tries again.
      else if (image.status === 'importing') await updateImage(tx, imageId, { dataId: null });
    });
  const dead = await listDeadData(ctx.db, 100);
  await removeDeadData(ctx, dead);
  return { stale: stale.length, dead: dead.length };
};
/** Enqueues the jobs of images that are to be deleted and are not yet. @returns how many there are */
export const sweepImageDeletes = async (ctx: ComputeCtx): Promise<number> => {
  const ids = await listImagesIn(ctx.db, 'pending_delete', 1000);
  for (const id of ids)
    if (!(await isImageUsed(ctx.db, id)))
      await ctx.db.transaction((tx) => ensureJob(tx, DELETE_IMAGE, { id }, { key: `${DELETE_IMAGE}:${id}` }));
  return ids.length;
};
