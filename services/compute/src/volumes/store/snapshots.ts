import { columns, em, sql, type NewRow, type Queryable, type Tx } from '@nefos/service-kit';
import type { Page } from '../../lists/list-plan.js';
import type { Query } from '../../lists/list-query.js';
import { pageOf } from '../../lists/select-page.js';
import { volumeSnapshots, type VolumeSnapshot } from '../tables.js';
import type { SnapshotStatus } from '../volume-states.js';
import { copyList, recordNewCopy, removeCopy, writeCopy, type CopyState } from './copies.js';

export type { VolumeSnapshot };

const snapshotList = copyList('volume_snapshot', columns(volumeSnapshots, 'x'));
/** @param clientIds whose; null: everybody's */
export const listSnapshots = (
  q: Queryable,
  query: Query,
  clientIds: readonly number[] | null,
): Promise<Page<VolumeSnapshot>> =>
  pageOf(q, snapshotList, query, clientIds ? [{ sql: 'x.client_id = any($::int[])', values: [clientIds] }] : []);
export const findSnapshot = async (q: Queryable, id: string): Promise<VolumeSnapshot | undefined> =>
  (await em(q).findOneBy(volumeSnapshots, { id })) ?? undefined;
/** SQL: locks the row. */
export const lockSnapshot = async (tx: Tx, id: string): Promise<VolumeSnapshot | undefined> =>
  (
    await sql<VolumeSnapshot>(
      tx,
      `select ${columns(volumeSnapshots)} from volume_snapshot where id = $1 for no key update`,
      [id],
    )
  )[0];
export const insertSnapshot = async (tx: Tx, one: NewRow<typeof volumeSnapshots>): Promise<void> => {
  await em(tx).insert(volumeSnapshots, one);
  await recordNewCopy(tx, 'volume_snapshot', one.id);
};
/** Writes status and what comes with it; what is left out stays. */
export const writeSnapshot = (tx: Tx, id: string, state: CopyState<SnapshotStatus>): Promise<void> =>
  writeCopy(tx, 'volume_snapshot', id, state);
export const updateSnapshot = async (
  tx: Tx,
  id: string,
  changes: { name?: string; description?: string | null },
): Promise<void> => {
  await em(tx).update(volumeSnapshots, { id }, { ...changes, updatedAt: () => 'now()' });
};
export const writeSnapshotBackendId = async (q: Queryable, id: string, backendId: string): Promise<void> => {
  await em(q).update(volumeSnapshots, { id }, { backendId });
};
export const removeSnapshot = (tx: Tx, id: string): Promise<void> => removeCopy(tx, 'volume_snapshot', id);
/** All snapshots of the volume go as soon as nothing needs them. SQL: all at once. @returns their states */
export const doomSnapshotsOf = (tx: Tx, volumeId: string): Promise<{ id: string; status: string }[]> =>
  sql(tx, 'update volume_snapshot set doomed = true where volume_id = $1 returning id, status', [volumeId]).then(
    (rows) => rows as { id: string; status: string }[],
  );
/** Whether the volume has a snapshot. */
export const hasSnapshots = (q: Queryable, volumeId: string): Promise<boolean> =>
  em(q).existsBy(volumeSnapshots, { volumeId });
