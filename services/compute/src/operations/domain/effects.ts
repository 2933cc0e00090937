import { enqueue, type Tx } from '@nefos/service-kit';
import { deleteSnapshotImage, finishSnapshotImage, listBackupImages } from '../../catalog/domain/parts.js';
import type { ComputeCtx } from '../../ctx.js';
import { releasePorts } from '../../networking/domain/machine-ports.js';
import type { SnapshotView } from '../../ports/driver.js';
import { setBootedFromIso, setImage } from '../store/instance-state.js';
import type { OperationWork } from '../store/operation-work.js';

// What an ended operation changes beside the state of its instance, in the same transaction.

type Ended = Pick<OperationWork, 'instanceId' | 'action' | 'params'>;
const uuidIn = ({ params }: Ended, name: string): string => String(params[name]);

const WITH_EFFECTS: ReadonlySet<string> = new Set(['bootIso', 'delete', 'import', 'rebuild', 'snapshot', 'backup']);
/** Whether its success writes more than the ends of task and operation. */
export const hasEffects = (action: string): boolean => WITH_EFFECTS.has(action);
/**
 * @param image the image that a snapshot has made
 * @returns whether image or size of the instance changed, which metering has to hear
 */
export const applySuccess = async (
  ctx: Pick<ComputeCtx, 'drivers'>,
  tx: Tx,
  work: Ended & Pick<OperationWork, 'target' | 'imageId' | 'volumes'>,
  image: SnapshotView | null,
): Promise<boolean> => {
  switch (work.action) {
    case 'create':
      if (work.volumes.length) await settleVolumes(tx, work.instanceId);
      return false;
    case 'delete':
      await releasePorts(ctx, tx, work.instanceId);
      if (work.volumes.length) await settleVolumes(tx, work.instanceId);
      return false;
    case 'resize':
      return true;
    case 'revertResize':
      // A migration is reverted by the same action.
      return work.target !== null;
    case 'bootIso':
      await setBootedFromIso(tx, work.instanceId);
      return false;
    case 'rebuild': {
      const id = uuidIn(work, 'image');
      const { name, image_name: imageName, os_distro: osDistro } = work.params as Record<string, string | null>;
      await setImage(tx, work.instanceId, {
        imageId: id,
        imageName: imageName ?? null,
        osDistro: osDistro ?? null,
        ...(typeof name === 'string' && { name }),
      });
      return id !== work.imageId;
    }
    case 'snapshot':
    case 'backup': {
      await finishSnapshotImage(tx, uuidIn(work, 'image'), {
        size: image?.size ?? null,
        backendId: image?.backendId ?? null,
      });
      if (work.action === 'backup') await rotateBackups(tx, work);
      return false;
    }
    default:
      return false;
  }
};

/** The job of a later area: volumes that the instance was built with are in use, those of a deleted one are not. */
const settleVolumes = (tx: Tx, instance: string): Promise<void> =>
  enqueue(tx, 'volume.settle', { instance }, { key: `volume.settle:${instance}` });

/**
 * Deletes the oldest backups of the schedule, or of the kind, beyond the number to keep; protected ones stay, and are
 * not counted.
 */
const rotateBackups = async (tx: Tx, { instanceId, params }: Ended): Promise<void> => {
  const { backup_type: kind, backup_schedule: schedule } = params;
  const of = { kind: String(kind), schedule: typeof schedule === 'string' ? schedule : null };
  const backups = (await listBackupImages(tx, instanceId, of)).filter(
    (one) => one.status === 'active' && !one.protected,
  );
  for (const { id } of backups.slice(Number(params.rotation))) await deleteSnapshotImage(tx, id);
};

/** The image of a snapshot that failed goes, here and at the driver; so do the ports of a build that failed. */
export const applyFailure = async (ctx: Pick<ComputeCtx, 'drivers'>, tx: Tx, work: Ended): Promise<void> => {
  if (work.action === 'create') await releasePorts(ctx, tx, work.instanceId);
  if (work.action === 'snapshot' || work.action === 'backup') await deleteSnapshotImage(tx, uuidIn(work, 'image'));
};
