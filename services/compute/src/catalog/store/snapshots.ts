import { em, run, sql, type Queryable, type Tx } from '@nefos/service-kit';
import { images, type Image } from '../tables.js';

/** An image that is to be made of an instance's root disk. */
export interface SnapshotImage extends Pick<
  Image,
  'id' | 'regionId' | 'projectId' | 'name' | 'instanceId' | 'minDisk' | 'osDistro'
> {
  type: 'snapshot' | 'backup';
  /** The image that the instance was made of. */
  baseImageId: string | null;
  tags: readonly string[];
}
/** By this tag the rotation of backups knows those of one kind. */
export const backupTag = (type: string): string => `backup:${type}`;
/**
 * Writes an image that is being made. What it says of the system in it comes from the image below it. SQL: copies
 * columns.
 */
export const beginSnapshotImage = async (tx: Tx, one: SnapshotImage): Promise<void> => {
  await run(
    tx,
    `insert into image (id, region_id, project_id, name, status, visibility, type, min_disk, min_ram, instance_id, tags,
      os_distro, disk_format, container_format, os_version, architecture, hw_qemu_guest_agent, hypervisor_type)
    select $1, $2, $3, $4, 'saving', 'private', $5, $6, coalesce(b.min_ram, 0), $7, $8,
      $9, b.disk_format, b.container_format, b.os_version, b.architecture, coalesce(b.hw_qemu_guest_agent, false),
      b.hypervisor_type
    from (select 1) x left join image b on b.id = $10`,
    [
      one.id,
      one.regionId,
      one.projectId,
      one.name,
      one.type,
      one.minDisk,
      one.instanceId,
      one.tags,
      one.osDistro,
      one.baseImageId,
    ],
  );
};
/**
 * The image is there. SQL: conditional.
 * @param made.backendId the hypervisor's own id; not stored yet: drivers find the image by ours
 */
export const finishSnapshotImage = async (
  tx: Tx,
  id: string,
  { size }: { size: number; backendId: string | null },
): Promise<void> => {
  await run(
    tx,
    `update image set status = 'active', size = $2, updated_at = now() where id = $1 and status = 'saving'`,
    [id, size],
  );
};
/**
 * Nobody makes the image any more: its row goes when the driver has deleted what it has of it. SQL: conditional.
 * @returns whether it was being made
 */
export const failSnapshotImage = async (tx: Tx, id: string): Promise<boolean> =>
  (await run(tx, `update image set status = 'pending_delete', updated_at = now() where id = $1 and status = 'saving'`, [
    id,
  ])) === 1;
/** @returns of the images that are being made or wait for their deletion, at most `limit`. SQL: a partial index */
export const listUnfinishedImages = (
  q: Queryable,
  limit: number,
): Promise<Pick<Image, 'id' | 'instanceId' | 'status'>[]> =>
  sql(
    q,
    `select id, instance_id "instanceId", status from image
    where status in ('saving', 'pending_delete') and type in ('snapshot', 'backup') order by id limit $1`,
    [limit],
  );
/**
 * Marks the backups of a kind beyond the newest `keep` for deletion; protected ones stay, and are not counted.
 * SQL: computed. @returns their ids
 */
export const dropSurplusBackups = async (
  tx: Tx,
  instanceId: string,
  { type, keep }: { type: string; keep: number },
): Promise<string[]> =>
  (
    await sql<{ id: string }>(
      tx,
      `update image set status = 'pending_delete', updated_at = now() where id in (
        select id from image where instance_id = $1 and type = 'backup' and status = 'active' and not protected
          and $2 = any(tags) order by created_at desc, id desc offset $3 limit 1000)
      returning id`,
      [instanceId, backupTag(type), keep],
    )
  ).map(({ id }) => id);
export const removeImage = async (tx: Tx, id: string): Promise<void> => {
  await em(tx).delete(images, { id });
};
