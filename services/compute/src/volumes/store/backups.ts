import { columns, em, sql, type NewRow, type Queryable, type Tx } from '@nefos/service-kit';
import type { Page } from '../../lists/list-plan.js';
import type { Query } from '../../lists/list-query.js';
import { pageOf } from '../../lists/select-page.js';
import { volumeBackups, type VolumeBackup } from '../tables.js';
import type { BackupStatus } from '../volume-states.js';
import { copyList, recordNewCopy, removeCopy, writeCopy, type CopyState } from './copies.js';

export type { VolumeBackup };

const backupList = copyList('volume_backup', columns(volumeBackups, 'x'));
/** @param clientIds whose; null: everybody's */
export const listBackups = (
  q: Queryable,
  query: Query,
  clientIds: readonly number[] | null,
): Promise<Page<VolumeBackup>> =>
  pageOf(q, backupList, query, clientIds ? [{ sql: 'x.client_id = any($::int[])', values: [clientIds] }] : []);
export const findBackup = async (q: Queryable, id: string): Promise<VolumeBackup | undefined> =>
  (await em(q).findOneBy(volumeBackups, { id })) ?? undefined;
/** SQL: locks the row. */
export const lockBackup = async (tx: Tx, id: string): Promise<VolumeBackup | undefined> =>
  (
    await sql<VolumeBackup>(tx, `select ${columns(volumeBackups)} from volume_backup where id = $1 for no key update`, [
      id,
    ])
  )[0];
export const insertBackup = async (tx: Tx, one: NewRow<typeof volumeBackups>): Promise<void> => {
  await em(tx).insert(volumeBackups, one);
  await recordNewCopy(tx, 'volume_backup', one.id);
};
/** Writes status and what comes with it; what is left out stays. */
export const writeBackup = (tx: Tx, id: string, state: CopyState<BackupStatus>): Promise<void> =>
  writeCopy(tx, 'volume_backup', id, state);
export const updateBackup = async (
  tx: Tx,
  id: string,
  changes: { name?: string; description?: string | null },
): Promise<void> => {
  await em(tx).update(volumeBackups, { id }, { ...changes, updatedAt: () => 'now()' });
};
export const writeBackupBackendId = async (q: Queryable, id: string, backendId: string): Promise<void> => {
  await em(q).update(volumeBackups, { id }, { backendId });
};
export const removeBackup = (tx: Tx, id: string): Promise<void> => removeCopy(tx, 'volume_backup', id);
/** Whether another backup builds on it. */
export const hasChildren = (q: Queryable, parentId: string): Promise<boolean> =>
  em(q).existsBy(volumeBackups, { parentId });
/** The newest backup of the volume that another can build on; it stays until this transaction ends. SQL: a lock. */
export const lockNewestBackup = async (tx: Tx, volumeId: string): Promise<VolumeBackup | undefined> =>
  (
    await sql<VolumeBackup>(
      tx,
      `select ${columns(volumeBackups)} from volume_backup where volume_id = $1 and status = 'available' and not doomed
      order by created_at desc, id desc limit 1 for no key update`,
      [volumeId],
    )
  )[0];
