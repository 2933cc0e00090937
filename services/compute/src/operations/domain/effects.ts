import { enqueue, type Tx } from '@nefos/service-kit';
import { dropSurplusBackups, failSnapshotImage, findImage, finishSnapshotImage } from '../../catalog/domain/parts.js';
import type { SnapshotView } from '../../ports/driver.js';
import { setBootedFromIso, setImage } from '../store/instance-state.js';
import type { OperationWork } from '../store/operation-work.js';

// What an ended operation changes beside the state of its instance, in the same transaction.

type Ended = Pick<OperationWork, 'instanceId' | 'action' | 'params'>;
const uuidIn = ({ params }: Ended, name: string): string => String(params[name]);

/**
 * @param image the image that a snapshot has made
 * @returns whether image or size of the instance changed, which metering has to hear
 */
export const applySuccess = async (
  tx: Tx,
  work: Ended & Pick<OperationWork, 'target' | 'imageId'>,
  image: SnapshotView | null,
): Promise<boolean> => {
  switch (work.action) {
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
      const made = { size: image?.size ?? 0, backendId: image?.backendId ?? null };
      await finishSnapshotImage(tx, uuidIn(work, 'image'), made);
      if (work.action === 'backup')
        for (const surplus of await dropSurplusBackups(tx, work.instanceId, {
          type: String(work.params.backup_type),
          keep: Number(work.params.rotation),
        }))
          await enqueueImageDrop(tx, surplus);
      return false;
    }
    default:
      return false;
  }
};

/** The image of a snapshot that failed goes; what the driver has of it is deleted by a job. */
export const applyFailure = async (tx: Tx, work: Ended): Promise<void> => {
  if (work.action !== 'snapshot' && work.action !== 'backup') return;
  const id = uuidIn(work, 'image');
  if (!(await findImage(tx, id))) return;
  await failSnapshotImage(tx, id);
  await enqueueImageDrop(tx, id);
};
/** Enqueues the deletion of an image that waits for it (`pending_delete`) at the driver, then of its row. */
export const enqueueImageDrop = (tx: Tx, imageId: string): Promise<void> =>
  enqueue(
    tx,
    'image.drop',
    { image: imageId },
    { key: `image.drop:${imageId}`, queue: `image:${imageId.slice(0, 2)}` },
  );
