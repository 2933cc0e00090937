import { randomUUID } from 'node:crypto';
import { notFound } from '@nefos/service-kit';
import { backupTag, beginSnapshotImage } from '../../catalog/domain/parts.js';
import type { ComputeRequest } from '../../ctx.js';
import { refusal } from '../../refusals.js';
import { findMadeOf } from '../store/instances.js';
import { acceptAsked } from './accepting.js';

export interface SnapshotInput {
  /** Null: for a backup one is made. */
  name: string | null;
  /** Null: a snapshot. */
  backup: { type: 'daily' | 'weekly' | 'manual'; rotation: number } | null;
}
/**
 * Makes an image of an instance's root disk. The image is there at once, and `saving` until it is made.
 * @throws Fault as `acceptAsked`, and conflict/region.no_snapshots
 */
export const requestSnapshot = async (
  ctx: ComputeRequest,
  id: string,
  { name, backup }: SnapshotInput,
): Promise<{ operationId: string; imageId: string }> => {
  const imageId = randomUUID();
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
      return {
        params: {
          image: imageId,
          name: called,
          ...(backup && { backup_type: backup.type, rotation: backup.rotation }),
        },
        write: () =>
          beginSnapshotImage(tx, {
            id: imageId,
            regionId: instance.regionId,
            projectId: instance.projectId,
            name: called,
            type: backup ? 'backup' : 'snapshot',
            instanceId: id,
            baseImageId: instance.imageId,
            osDistro: instance.osDistro,
            minDisk: instance.rootGb,
            tags: backup ? [backupTag(backup.type)] : [],
          }),
      };
    },
  );
  return { operationId, imageId };
};
