import { run, type Tx } from '@nefos/service-kit';
import { recording, recordingOf } from '../../events/recording.js';
import type { ListSpec } from '../../lists/list-query.js';
import type { Failure } from '../../operations/tables.js';
import { storageEvent } from '../recorded.js';

// What the tables of snapshots and of backups have in common: the copies of a volume.

type CopyTable = 'volume_snapshot' | 'volume_backup';
const OBJECTS = { volume_snapshot: 'volumesnapshot', volume_backup: 'volumebackup' } as const;
/** @param select the columns of `x`, which the table is called */
export const copyList = (table: CopyTable, select: string): ListSpec => ({
  select,
  from: `${table} x`,
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
});
export interface CopyState<Status extends string> {
  status: Status;
  operationId?: string;
  sizeGb?: number;
  backendId?: string | null;
  /** Null: none. */
  fault?: Failure | null;
}
/** Writes status and what comes with it; what is left out stays. SQL: the event is written by the same statement. */
export const writeCopy = async (
  tx: Tx,
  table: CopyTable,
  id: string,
  { status, operationId, sizeGb, backendId, fault }: CopyState<string>,
): Promise<void> => {
  await run(
    tx,
    recording(
      `update ${table} set status = $2, operation_id = coalesce($3, operation_id), size_gb = coalesce($4, size_gb),
        backend_id = coalesce($5, backend_id), updated_at = now(),
        fault = case when $6 then $7::jsonb || jsonb_build_object(
          'created', to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')) else fault end
      where id = $1`,
      storageEvent(OBJECTS[table], 'state'),
    ),
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
/** The event of a copy that this transaction has written. */
export const recordNewCopy = async (tx: Tx, table: CopyTable, id: string): Promise<void> => {
  await run(tx, recordingOf(`select * from ${table} where id = $1`, storageEvent(OBJECTS[table], 'created')), [id]);
};
/** The row goes. SQL: the event is written by the same statement. */
export const removeCopy = async (tx: Tx, table: CopyTable, id: string): Promise<void> => {
  await run(tx, recording(`delete from ${table} where id = $1`, storageEvent(OBJECTS[table], 'deleted')), [id]);
};
