import { em, sql, type NewRow, type Queryable, type Tx } from '@nefos/service-kit';
import { volumeAttachments, type VolumeAttachment } from '../tables.js';

export type { VolumeAttachment };

export const insertAttachment = async (tx: Tx, one: NewRow<typeof volumeAttachments>): Promise<void> => {
  await em(tx).insert(volumeAttachments, one);
};
export const findAttachmentOf = async (q: Queryable, volumeId: string): Promise<VolumeAttachment | undefined> =>
  (await em(q).findOneBy(volumeAttachments, { volumeId })) ?? undefined;
/** Attachments of an instance, the root disk first. */
export const listAttachmentsOf = (q: Queryable, instanceId: string): Promise<VolumeAttachment[]> =>
  em(q).find(volumeAttachments, {
    where: { instanceId },
    order: { boot: 'desc', createdAt: 'asc', id: 'asc' },
    take: 100,
  });
export const updateAttachment = async (
  tx: Tx,
  id: string,
  changes: Partial<Pick<VolumeAttachment, 'device' | 'state' | 'deleteOnTermination'>>,
): Promise<void> => {
  await em(tx).update(volumeAttachments, { id }, changes);
};
export const removeAttachment = async (tx: Tx, id: string): Promise<void> => {
  await em(tx).delete(volumeAttachments, { id });
};
/** All volumes of the instance go with it. */
export const markForDeletion = async (tx: Tx, instanceId: string): Promise<void> => {
  await em(tx).update(volumeAttachments, { instanceId }, { deleteOnTermination: true });
};
/**
 * Instances that are built or deleted, and whose attachments do not show that yet. SQL: joins.
 * @param state `reserved`: few, by a partial index; `attached`: all attachments are read
 */
export const listUnsettled = async (q: Queryable, state: 'reserved' | 'attached', limit: number): Promise<string[]> =>
  (
    await sql<{ instanceId: string }>(
      q,
      `select distinct a.instance_id "instanceId" from volume_attachment a join instance i on i.id = a.instance_id
      where ${
        state === 'reserved'
          ? `a.state = 'reserved' and (i.vm_state = 'deleted' or i.launched_at is not null)`
          : `a.state = 'attached' and i.vm_state = 'deleted'`
      } limit $1`,
      [limit],
    )
  ).map((row) => row.instanceId);
/** The instance of an attachment, as far as its volumes depend on it. SQL: the table is an earlier area's. */
export interface AttachedInstance {
  id: string;
  clientId: number;
  regionId: string;
  backendId: string | null;
  deleted: boolean;
  launched: boolean;
  /** The operation that builds it, while it waits for its volumes. */
  building: string | null;
}
export const findAttachedInstance = async (q: Queryable, id: string): Promise<AttachedInstance | undefined> =>
  (
    await sql<AttachedInstance>(
      q,
      `select id, client_id "clientId", region_id "regionId", backend_id "backendId", vm_state = 'deleted' deleted,
        launched_at is not null launched,
        case when vm_state = 'building' and task_state is not null then operation_id end building
      from instance where id = $1`,
      [id],
    )
  )[0];
/** The same, locked: it does not end until this transaction does. SQL: a lock. */
export const shareLockInstance = async (tx: Tx, id: string): Promise<boolean> =>
  (await sql(tx, `select from instance where id = $1 and vm_state <> 'deleted' for share`, [id])).length > 0;
