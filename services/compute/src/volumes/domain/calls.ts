import type { ComputeCtx } from '../../ctx.js';
import { driverError, isDriverError } from '../../operations/domain/driver-errors.js';
import type { ComputeDriver, SnapshotView } from '../../ports/driver.js';
import type { StoredRef, StoredView } from '../../ports/driver-volumes.js';
import { writeBackupBackendId } from '../store/backups.js';
import { writeSnapshotBackendId } from '../store/snapshots.js';
import { writeBackendId } from '../store/volumes.js';
import { present, refOf, sourceOf, typeOf, volumesOf, type StorageWork } from './work.js';

/**
 * What the driver says: the wanted is there, it is on its way, or nothing is done about it.
 * `gone`: what is needed for it is not there.
 */
export interface Seen {
  state: 'done' | 'busy' | 'idle';
  backendId?: string | null;
  sizeGb?: number;
  device?: string | null;
  image?: SnapshotView;
}
const machineOf = ({ instance }: StorageWork) => {
  const { id, backendId } = present(instance, 'instance');
  return { portalId: id, backendId };
};
const volumeRef = (work: StorageWork): StoredRef => refOf(present(work.volume, 'volume'));
const snapshotRef = (work: StorageWork): StoredRef => refOf(present(work.snapshot, 'snapshot'));
const backupRef = (work: StorageWork): StoredRef => refOf(present(work.backup, 'backup'));
const imageRef = ({ params }: StorageWork) => ({ imageId: params.image ?? '', backendId: null });
const missingMachine = (err: unknown): null => {
  if (isDriverError(err) && err.code === 'NOT_FOUND') return null;
  throw err;
};

/** Keeps the hypervisor's own id as soon as it is known: what comes later names the thing by it. */
const keep = async (
  write: (q: ComputeCtx['db'], id: string, backendId: string) => Promise<void>,
  { db }: ComputeCtx,
  one: { id: string; backendId: string | null },
  made: StoredRef,
): Promise<void> => {
  if (made.backendId === null || made.backendId === one.backendId) return;
  await write(db, one.id, made.backendId);
  one.backendId = made.backendId;
};
const parentOf = async (
  work: StorageWork,
  find: (id: string) => Promise<StoredRef | null>,
): Promise<StoredRef | null> => {
  const parentId = work.backup?.parentId ?? null;
  return parentId === null ? null : find(parentId);
};

/**
 * Calls the driver for the operation's action. The call may be repeated: the driver does it once.
 * @param findBackupRef the backup that an incremental one builds on
 * @throws DriverError
 */
export const callStorage = async (
  ctx: ComputeCtx,
  driver: ComputeDriver,
  work: StorageWork,
  findBackupRef: (id: string) => Promise<StoredRef | null>,
): Promise<void> => {
  const volumes = volumesOf(driver);
  switch (work.action) {
    case 'volume.create': {
      const volume = present(work.volume, 'volume');
      const made = await volumes.create({
        portalId: volume.id,
        projectId: volume.projectId,
        name: volume.name,
        sizeGb: volume.sizeGb,
        type: await typeOf(ctx, volume),
        source: await sourceOf(ctx, work),
      });
      return keep(writeBackendId, ctx, volume, made);
    }
    case 'volume.delete':
      return volumes.destroy(volumeRef(work));
    case 'volume.extend':
      return volumes.extend(volumeRef(work), work.params.size ?? 0);
    case 'volume.attach': {
      if (!driver.attachVolume) throw driverError('UNSUPPORTED', 'The driver of the region attaches no volumes.');
      await driver.attachVolume(machineOf(work), volumeRef(work), { device: work.attachment?.device ?? null });
      return;
    }
    case 'volume.detach':
      await driver.detachVolume?.(machineOf(work), volumeRef(work)).catch(missingMachine);
      return;
    case 'volume.upload':
      return volumes.upload(volumeRef(work), {
        imageId: work.params.image ?? '',
        name: work.params.name ?? '',
        diskFormat: work.params.disk_format ?? 'qcow2',
      });
    case 'volume.revert':
      return volumes.revert(volumeRef(work), snapshotRef(work));
    case 'volume.restore':
      return volumes.restoreBackup(backupRef(work), volumeRef(work));
    case 'volumesnapshot.create': {
      const { id, name } = present(work.snapshot, 'snapshot');
      const made = await volumes.createSnapshot(volumeRef(work), { portalId: id, name });
      return keep(writeSnapshotBackendId, ctx, present(work.snapshot, 'snapshot'), made);
    }
    case 'volumesnapshot.delete':
      return volumes.destroySnapshot(volumeRef(work), snapshotRef(work));
    case 'volumebackup.create': {
      const { id, name } = present(work.backup, 'backup');
      const parent = await parentOf(work, findBackupRef);
      const made = await volumes.createBackup(volumeRef(work), { portalId: id, name, parent });
      return keep(writeBackupBackendId, ctx, present(work.backup, 'backup'), made);
    }
    case 'volumebackup.delete':
      return volumes.destroyBackup(backupRef(work));
  }
};

const broken = (view: { message?: string }): Error =>
  driverError('INTERNAL', view.message ?? 'The hypervisor could not do it.');
/** A thing that is being made, or filled. */
const made = (view: StoredView | null): Seen => {
  if (!view) return { state: 'idle' };
  if (view.status === 'error') throw broken(view);
  return { state: view.status === 'ready' ? 'done' : 'busy', backendId: view.backendId, sizeGb: view.sizeGb };
};
const gone = (view: StoredView | null): Seen => ({ state: !view ? 'done' : view.status === 'busy' ? 'busy' : 'idle' });
/** A volume whose content or size is being changed. */
const changed = (view: StoredView | null): Seen => made(present(view ?? undefined, 'volume'));

/**
 * Asks the driver how far it is, once it was called.
 * @throws DriverError: it has failed
 */
export const lookAt = async (driver: ComputeDriver, work: StorageWork): Promise<Seen> => {
  const volumes = volumesOf(driver);
  switch (work.action) {
    case 'volume.create':
      return made(await volumes.get(volumeRef(work)));
    case 'volume.delete':
      return gone(await volumes.get(volumeRef(work)));
    case 'volume.extend': {
      const seen = changed(await volumes.get(volumeRef(work)));
      return seen.state === 'done' && (seen.sizeGb ?? 0) < (work.params.size ?? 0) ? { state: 'idle' } : seen;
    }
    case 'volume.revert':
    case 'volume.restore':
      return changed(await volumes.get(volumeRef(work)));
    case 'volume.attach':
    case 'volume.detach': {
      const view = await driver.get(machineOf(work));
      const found = view?.volumes?.find(({ portalId }) => portalId === work.params.volume);
      if (work.action === 'volume.detach') return { state: found ? 'idle' : 'done' };
      present(view ?? undefined, 'machine');
      return found ? { state: 'done', device: found.device } : { state: 'idle' };
    }
    case 'volume.upload': {
      const image = await volumes.getUpload(imageRef(work));
      if (!image) return { state: 'idle' };
      if (image.status === 'error') throw broken(image);
      return { state: image.status === 'active' ? 'done' : 'busy', image };
    }
    case 'volumesnapshot.create':
      return made(await volumes.getSnapshot(volumeRef(work), snapshotRef(work)));
    case 'volumesnapshot.delete':
      return gone(await volumes.getSnapshot(volumeRef(work), snapshotRef(work)));
    case 'volumebackup.create':
      return made(await volumes.getBackup(backupRef(work)));
    case 'volumebackup.delete':
      return gone(await volumes.getBackup(backupRef(work)));
  }
};
/**
 * Takes back what a failed action may have left at the hypervisor, where that would be in the way.
 * @throws DriverError
 */
export const undoStorage = async (driver: ComputeDriver, work: StorageWork): Promise<void> => {
  if (work.action === 'volume.attach' && work.attempts > 0 && work.instance && work.volume)
    await driver.detachVolume?.(machineOf(work), volumeRef(work)).catch(missingMachine);
};
