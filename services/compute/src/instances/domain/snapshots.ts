import { notFound } from '@nefos/service-kit';
import { beginSnapshotImage, findImage, type Image } from '../../catalog/domain/parts.js';
import type { ComputeRequest } from '../../ctx.js';
import { reserveQuota } from '../../projects/domain/reserve-quota.js';
import { refusal } from '../../refusals.js';
import { findMadeOf } from '../store/instances.js';
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
  /** Null: a snapshot. */
  backup: { type: 'daily' | 'weekly' | 'manual'; rotation: number } | null;
}
/**
 * Makes an image of an instance's root disk. The image is there at once, and `saving` until it is made.
 * @throws Fault as `acceptAsked`, conflict/region.no_snapshots, and those of `reserveQuota`
 */
export const requestSnapshot = async (
  ctx: ComputeRequest,
  id: string,
  { name, backup }: SnapshotInput,
): Promise<{ operationId: string; imageId: string }> => {
  let imageId = '';
  const operationId = await acceptAsked(
    ctx,
    id,
    {
      segment: backup ? 'create_backup' : 'create_snapshot',
      permission: backup ? 'instances.create_backup' : 'instances.create_snapshot',
      needs: 'snapshot',
      action: backup ? 'backup' : 'snapshot',
      evenLocked: true,
    },
    async (tx) => {
      const instance = await findMadeOf(tx, id);
      if (!instance) throw notFound();
      if (!instance.regionEnableSnapshots) throw refusal('conflict', 'region.no_snapshots');
      const called = name ?? `${instance.name.slice(0, 200)} ${backup?.type ?? 'snapshot'} backup`;
      const base = instance.imageId === null ? undefined : await findImage(tx, instance.imageId);
      await reserveQuota(tx, instance.projectId, backup ? { backups: 1 } : { snapshots: 1 });
      imageId = await beginSnapshotImage(tx, {
        name: called,
        type: backup ? 'backup' : 'snapshot',
        instanceId: id,
        projectId: instance.projectId,
        regionId: instance.regionId,
        minDisk: instance.diskGb,
        osDistro: instance.osDistro,
        ...(base && systemOf(base)),
        ...(backup && { properties: { backup_type: backup.type } }),
      });
      const kind = backup && { backup_type: backup.type, rotation: backup.rotation };
      return { params: { image: imageId, name: called, ...kind } };
    },
  );
  return { operationId, imageId };
};
