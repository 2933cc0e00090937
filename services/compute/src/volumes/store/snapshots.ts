import { columns, em, run, sql, type NewRow, type Queryable, type Tx } from '@nefos/service-kit';
import type { Page } from '../../lists/list-plan.js';
import type { ListSpec, Query } from '../../lists/list-query.js';
import { pageOf } from '../../lists/select-page.js';
import type { Failure } from '../../operations/tables.js';
import { volumeSnapshots, type VolumeSnapshot } from '../tables.js';
import type { SnapshotStatus } from '../volume-states.js';

export type { VolumeSnapshot };

const snapshotList: ListSpec = {
  select: columns(volumeSnapshots, 'x'),
  from: 'volume_snapshot x',
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
};
export interface SnapshotState {
  status: SnapshotStatus;
  operationId?: string;
  sizeGb?: number;
  backendId?: string | null;
  /** Null: none. */
  fault?: Failure | null;
}
/** Writes status and what comes with it; what is left out stays. SQL: computed. */
export const writeSnapshot = async (
  tx: Tx,
  id: string,
  { status, operationId, sizeGb, backendId, fault }: SnapshotState,
): Promise<void> => {
  await run(
    tx,
    `update volume_snapshot set status = $2, operation_id = coalesce($3, operation_id), size_gb = coalesce($4, size_gb),
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
export const removeSnapshot = async (tx: Tx, id: string): Promise<void> => {
  await em(tx).delete(volumeSnapshots, { id });
};
/** Whether the volume has a snapshot. */
export const hasSnapshots = (q: Queryable, volumeId: string): Promise<boolean> =>
  em(q).existsBy(volumeSnapshots, { volumeId });
