import { columns, em, run, sql, type NewRow, type Queryable, type Tx } from '@nefos/service-kit';
import type { Page } from '../../lists/list-plan.js';
import type { ListSpec, Query } from '../../lists/list-query.js';
import { pageOf } from '../../lists/select-page.js';
import type { Failure } from '../../operations/tables.js';
import { volumeBackups, type VolumeBackup } from '../tables.js';
import type { BackupStatus } from '../volume-states.js';

export type { VolumeBackup };

const backupList: ListSpec = {
  select: columns(volumeBackups, 'x'),
  from: 'volume_backup x',
  fields: {
    id: { sql: 'x.id', type: 'uuid' },
    name: { sql: 'x.name', type: 'text' },
    status: { sql: 'x.status', type: 'text', plain: true },
    region: { sql: 'x.region_id', type: 'text', plain: true },
    client__id: { sql: 'x.client_id', type: 'int' },
    volume_id: { sql: 'x.volume_id', type: 'uuid', plain: true },
    size: { sql: 'x.size_gb', type: 'int' },
    created_at: { sql: 'x.created_at', type: 'time' },
  },
  search: ['x.name', 'x.description'],
  ordering: '-created_at',
  tie: 'x.id',
};
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
};
export interface BackupState {
  status: BackupStatus;
  operationId?: string;
  sizeGb?: number;
  backendId?: string | null;
  /** Null: none. */
  fault?: Failure | null;
}
/** Writes status and what comes with it; what is left out stays. SQL: computed. */
export const writeBackup = async (
  tx: Tx,
  id: string,
  { status, operationId, sizeGb, backendId, fault }: BackupState,
): Promise<void> => {
  await run(
    tx,
    `update volume_backup set status = $2, operation_id = coalesce($3, operation_id), size_gb = coalesce($4, size_gb),
      backend_id = coalesce($5, backend_id), updated_at = now(),
      fault = case when $6 then $7::jsonb || jsonb_build_object(
        'created', to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')) else fault end
    where id = $1`,
    [
      id,
      status,
      operationId ?? null,
      sizeGb ?? null,
      backendId ?? null,
      fault !== undefined,
      fault ? JSON.stringify(fault) : null,
    ],
  );
};
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
export const removeBackup = async (tx: Tx, id: string): Promise<void> => {
  await em(tx).delete(volumeBackups, { id });
};
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
