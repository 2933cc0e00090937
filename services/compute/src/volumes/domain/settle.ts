import type { Tx } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { isDriverError } from '../../operations/domain/driver-errors.js';
import {
  findAttachedInstance,
  findAttachmentOf,
  listAttachmentsOf,
  removeAttachment,
  updateAttachment,
  type AttachedInstance,
  type VolumeAttachment,
} from '../store/attachments.js';
import { hasSnapshots } from '../store/snapshots.js';
import { findVolume, lockVolume, writeState } from '../store/volumes.js';
import { beginOnVolume, SYSTEM } from './accept.js';
import { refOf } from './work.js';

const SETTLED = ['available', 'in-use', 'reserved', 'error', 'error_extending'];

/** The volume is free; it goes, too, where that was wanted and nothing is against it. */
const release = async (tx: Tx, attachment: VolumeAttachment): Promise<void> => {
  const volume = await lockVolume(tx, attachment.volumeId);
  const still = volume && (await findAttachmentOf(tx, volume.id));
  // What an operation has in hand is looked at again when that has ended.
  if (!volume || still?.id !== attachment.id || !SETTLED.includes(volume.status)) return;
  await removeAttachment(tx, attachment.id);
  const status = volume.status.startsWith('error') ? volume.status : 'available';
  await writeState(tx, volume.id, { status });
  const goes = volume.doomed || (attachment.deleteOnTermination && !volume.deleteProtection);
  if (goes && !(await hasSnapshots(tx, volume.id)))
    await beginOnVolume(tx, { ...volume, status }, { action: 'volume.delete', ...SYSTEM });
};
const releaseAll = async (
  ctx: ComputeCtx,
  { id, backendId, regionId }: AttachedInstance,
  attachments: readonly VolumeAttachment[],
  turn: AbortSignal | undefined,
): Promise<void> => {
  for (const attachment of attachments) {
    const volume = await findVolume(ctx.db, attachment.volumeId);
    if (!volume || !SETTLED.includes(volume.status)) continue;
    turn?.throwIfAborted();
    // The machine is gone; a hypervisor that still says otherwise would refuse the next attachment.
    await ctx.drivers
      .of(regionId ?? volume.regionId)
      .detachVolume?.({ portalId: id, backendId }, refOf(volume))
      .catch((err: unknown) => {
        if (!isDriverError(err) || err.code !== 'NOT_FOUND') throw err;
      });
    turn?.throwIfAborted();
    await ctx.db.transaction((tx) => release(tx, attachment));
  }
};
/** The instance was built: its volumes are in use. */
const takeAll = async (
  ctx: ComputeCtx,
  { id, backendId, regionId }: AttachedInstance,
  attachments: readonly VolumeAttachment[],
  turn: AbortSignal | undefined,
): Promise<void> => {
  const view = await ctx.drivers.of(regionId).get({ portalId: id, backendId });
  for (const { id: attachmentId, volumeId } of attachments) {
    turn?.throwIfAborted();
    const device = view?.volumes?.find(({ portalId }) => portalId === volumeId)?.device;
    await ctx.db.transaction(async (tx) => {
      const volume = await lockVolume(tx, volumeId);
      const still = volume && (await findAttachmentOf(tx, volumeId));
      if (still?.id !== attachmentId || still.state !== 'reserved') return;
      await updateAttachment(tx, attachmentId, { state: 'attached', ...(device && { device }) });
      if (volume?.status === 'reserved') await writeState(tx, volumeId, { status: 'in-use' });
    });
  }
};
/**
 * The job `volume.settle`: the volumes of an instance that was built are in use, those of a deleted one are free or go.
 * May be repeated.
 * @param turn aborted when another job may work on the instance
 */
export const settleVolumes = async (ctx: ComputeCtx, instanceId: string, turn?: AbortSignal): Promise<void> => {
  const instance = await findAttachedInstance(ctx.db, instanceId);
  if (!instance) return;
  const attachments = await listAttachmentsOf(ctx.db, instanceId);
  if (instance.deleted)
    await releaseAll(
      ctx,
      instance,
      attachments.filter(({ state }) => state === 'attached' || state === 'reserved'),
      turn,
    );
  else if (instance.launched)
    await takeAll(
      ctx,
      instance,
      attachments.filter(({ state }) => state === 'reserved'),
      turn,
    );
};
