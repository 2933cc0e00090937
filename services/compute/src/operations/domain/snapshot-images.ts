import { deleteUnfinishedSnapshot, listSavingSnapshots } from '../../catalog/domain/parts.js';
import type { ComputeCtx } from '../../ctx.js';
import { isImageBeingMade } from '../store/operations.js';

/**
 * Deletes images of snapshots that nobody makes any more: the instance was deleted or its state was set meanwhile.
 * @returns how many are being made, and how many were deleted
 */
export const sweepSnapshotImages = async (ctx: ComputeCtx): Promise<{ saving: number; deleted: number }> => {
  const saving = await listSavingSnapshots(ctx.db, 200);
  let deleted = 0;
  for (const { id, instanceId } of saving)
    await ctx.db.transaction(async (tx) => {
      // The end of its operation locks the image, too: what has succeeded meanwhile is not `saving` any more.
      if (await deleteUnfinishedSnapshot(tx, id, () => isImageBeingMade(tx, instanceId, id))) deleted += 1;
    });
  return { saving: saving.length, deleted };
};
