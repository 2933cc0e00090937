import { columns, em, run, sql, type NewRow, type Queryable, type Tx } from '@nefos/service-kit';
import { images, type Image } from '../tables.js';

export const insertImage = async (tx: Tx, image: NewRow<typeof images>): Promise<void> => {
  await em(tx).insert(images, image);
};
/** @returns whether it was being made. SQL: conditional. */
export const activateImage = async (tx: Tx, id: string, size: number): Promise<boolean> =>
  (await run(
    tx,
    `update image set status = 'active', size = $2, updated_at = now() where id = $1 and status = 'saving'`,
    [id, size],
  )) === 1;
/** @returns whether it was not to be deleted before. SQL: conditional. */
export const markDeleted = async (tx: Tx, id: string): Promise<boolean> =>
  (await run(
    tx,
    `update image set status = 'pending_delete', updated_at = now() where id = $1 and status <> 'pending_delete'`,
    [id],
  )) === 1;
export const removeImage = async (tx: Tx, id: string): Promise<void> => {
  await em(tx).delete(images, { id });
};
/** Backups of an instance with this tag, the newest first. SQL: an array is searched. */
export const listTaggedBackups = (q: Queryable, instanceId: string, tag: string): Promise<Image[]> =>
  sql<Image>(
    q,
    `select ${columns(images, 'm')} from image m
    where m.instance_id = $1 and m.type = 'backup' and $2 = any(m.tags) and m.status in ('active', 'saving')
    order by m.created_at desc, m.id desc limit 2000`,
    [instanceId, tag],
  );
/** Snapshots that are being made, and images that wait for their deletion. SQL: a partial index. */
export const listUnfinished = (
  q: Queryable,
  status: 'saving' | 'pending_delete',
  limit: number,
): Promise<{ id: string; instanceId: string }[]> =>
  sql(
    q,
    `select id, instance_id "instanceId" from image
    where status in ('saving', 'pending_delete') and status = $1 and type in ('snapshot', 'backup')
      and instance_id is not null order by id limit $2`,
    [status, limit],
  );
