import { randomUUID } from 'node:crypto';
import { notFound, type Tx } from '@nefos/service-kit';
import { beginSnapshotImage, findImage, type Image } from '../../catalog/domain/parts.js';
import type { ComputeRequest } from '../../ctx.js';
import { reserveQuota } from '../../projects/domain/reserve-quota.js';
import { refusal } from '../../refusals.js';
import { findMadeOf, type MadeOf } from '../store/instances.js';
import { acceptAsked } from './accepting.js';

/** What the image below it says of the system in it. */
const systemOf = ({ minRam, diskFormat, osVersion, architecture, hwQemuGuestAgent, hypervisorType }: Image) => ({
  minRam,
  diskFormat,
  osVersion,
  architecture,
  hwQemuGuestAgent,
  hypervisorType,
});
export interface SnapshotInput {
  /** Null: for a backup one is made. */
  name: string | null;
  /** What is kept of it besides. */
  properties?: Readonly<Record<string, string>>;
  /** Null: a snapshot. */
  backup: {
    type: 'daily' | 'weekly' | 'monthly' | 'manual';
    /** How many are kept: of this schedule, else of this type that were made by hand. */
    rotation: number;
    /** The schedule that it is of. */
    schedule?: string;
  } | null;
}
/**
 * The instance, if images of it can be made. This is the place where one that boots from a volume, which is backed up
 * by snapshots of its volumes instead, has to be told apart.
 * @throws Fault not_found, conflict/region.no_snapshots
 */
export const demandImageable = async (tx: Tx, id: string): Promise<MadeOf> => {
  const instance = await findMadeOf(tx, id);
  if (!instance) throw notFound();
  if (!instance.regionEnableSnapshots) throw refusal('conflict', 'region.no_snapshots');
  return instance;
};
/** An image that an operation is to make of an instance. */
export interface PlannedImage {
  imageId: string;
  /** Of the operation. */
  params: object;
  /** Writes the image, `saving`, once the operation is accepted. */
  write: () => Promise<void>;
}
/**
 * Checks that there is room for one more image of the instance; nothing is written.
 * @throws Fault not_found, conflict/region.no_snapshots, and those of `reserveQuota`
 */
export const planImage = async (
  tx: Tx,
  id: string,
  { name, backup, properties }: SnapshotInput,
): Promise<PlannedImage> => {
  const instance = await demandImageable(tx, id);
  const called = name ?? `${instance.name.slice(0, 200)} ${backup?.type ?? 'snapshot'} backup`;
  const base = instance.imageId === null ? undefined : await findImage(tx, instance.imageId);
  await reserveQuota(tx, instance.projectId, backup ? { backups: 1 } : { snapshots: 1 });
  const imageId = randomUUID();
  const kind = backup && {
    backup_type: backup.type,
    ...(backup.schedule !== undefined && { backup_schedule: backup.schedule }),
  };
  return {
    imageId,
    params: { image: imageId, name: called, ...kind, ...(backup && { rotation: backup.rotation }) },
    write: async () => {
      await beginSnapshotImage(tx, {
        id: imageId,
        name: called,
        type: backup ? 'backup' : 'snapshot',
        instanceId: id,
        projectId: instance.projectId,
        regionId: instance.regionId,
        minDisk: instance.diskGb,
        osDistro: instance.osDistro,
        ...(base && systemOf(base)),
        ...((kind ?? properties) && { properties: { ...properties, ...kind } }),
      });
    },
  };
};
/**
 * Makes an image of an instance's root disk. The image is there at once, and `saving` until it is made.
 * @throws Fault as `acceptAsked` and `planImage`
 */
export const requestSnapshot = async (
  ctx: ComputeRequest,
  id: string,
  input: SnapshotInput,
): Promise<{ operationId: string; imageId: string }> => {
  let imageId = '';
  const operationId = await acceptAsked(
    ctx,
    id,
    {
      segment: input.backup ? 'create_backup' : 'create_snapshot',
      permission: input.backup ? 'instances.create_backup' : 'instances.create_snapshot',
      needs: 'snapshot',
      action: input.backup ? 'backup' : 'snapshot',
      evenLocked: true,
    },
    async (tx) => {
      const { params, write, ...planned } = await planImage(tx, id, input);
      ({ imageId } = planned);
      return { params, write };
    },
  );
  return { operationId, imageId };
};
