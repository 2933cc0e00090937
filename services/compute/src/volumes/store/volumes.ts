import { columns, em, run, sql, type NewRow, type Queryable, type Tx } from '@nefos/service-kit';
import { recording, recordingOf } from '../../events/recording.js';
import type { Page } from '../../lists/list-plan.js';
import type { ListSpec, Query } from '../../lists/list-query.js';
import { pageOf } from '../../lists/select-page.js';
import type { Failure } from '../../operations/tables.js';
import { storageEvent } from '../recorded.js';
import { volumes, type Volume, type VolumeAttachment } from '../tables.js';
import type { VolumeStatus } from '../volume-states.js';

export type { Volume };

/** How an attachment is shown. */
export type ShownAttachment = Pick<VolumeAttachment, 'device' | 'boot' | 'deleteOnTermination' | 'state'> & {
  instanceId: string;
};
/** A volume as its lists and its page show it. */
export type VolumeRow = Volume & { typeName: string | null; attachments: ShownAttachment[] };
const ATTACHMENTS = `(select coalesce(jsonb_agg(jsonb_build_object('instanceId', a.instance_id, 'device', a.device,
    'boot', a.boot, 'deleteOnTermination', a.delete_on_termination, 'state', a.state)), '[]')
  from volume_attachment a where a.volume_id = v.id) attachments`;
const SELECT = `${columns(volumes, 'v')}, t.name "typeName", ${ATTACHMENTS}`;
// A join to a unique column only, see `table` of `ListSpec`.
const FROM = 'volume v left join volume_type t on t.id = v.type_id';
const volumeList: ListSpec = {
  select: SELECT,
  from: FROM,
  table: 'volume v',
  fields: {
    id: { sql: 'v.id', type: 'uuid' },
    name: { sql: 'v.name', type: 'text' },
    status: { sql: 'v.status', type: 'text', plain: true },
    region: { sql: 'v.region_id', type: 'text', plain: true },
    client__id: { sql: 'v.client_id', type: 'int' },
    project__id: { sql: 'v.project_id', type: 'text' },
    volume_type: { sql: 't.name', type: 'text' },
    size: { sql: 'v.size_gb', type: 'int' },
    bootable: { sql: 'v.bootable', type: 'boolean', plain: true },
    instance: {
      sql: 'a.instance_id',
      type: 'uuid',
      exists: 'select 1 from volume_attachment a where a.volume_id = v.id and %',
      plain: true,
      order: false,
    },
    created_at: { sql: 'v.created_at', type: 'time' },
  },
  search: ['v.name', 'v.description'],
  searchText: 'v.search_text',
  ordering: '-created_at',
  tie: 'v.id',
};
/** @param clientIds whose volumes; null: everybody's */
export const listVolumes = (
  q: Queryable,
  query: Query,
  clientIds: readonly number[] | null,
): Promise<Page<VolumeRow>> =>
  pageOf(q, volumeList, query, clientIds ? [{ sql: 'v.client_id = any($::int[])', values: [clientIds] }] : []);
/** SQL: joins. */
export const findVolume = async (q: Queryable, id: string): Promise<VolumeRow | undefined> =>
  (await sql<VolumeRow>(q, `select ${SELECT} from ${FROM} where v.id = $1`, [id]))[0];
/** SQL: locks the row. */
export const lockVolume = async (tx: Tx, id: string): Promise<Volume | undefined> =>
  (await sql<Volume>(tx, `select ${columns(volumes)} from volume where id = $1 for no key update`, [id]))[0];

export const insertVolume = async (tx: Tx, volume: NewRow<typeof volumes>): Promise<void> => {
  await em(tx).insert(volumes, volume);
  await run(tx, recordingOf('select * from volume where id = $1', storageEvent('volume', 'created')), [volume.id]);
};
export interface VolumeState {
  status: VolumeStatus;
  operationId?: string | null;
  sizeGb?: number;
  /** Null: no larger size is to come any more. */
  wantedGb?: number | null;
  backendId?: string | null;
  /** Null: none. */
  fault?: Failure | null;
}
/** Writes status and what comes with it; what is left out stays. SQL: the event is written by the same statement. */
export const writeState = async (
  tx: Tx,
  id: string,
  { status, operationId, sizeGb, wantedGb, backendId, fault }: VolumeState,
): Promise<void> => {
  await run(
    tx,
    recording(
      `update volume set status = $2, operation_id = coalesce($3, operation_id), size_gb = coalesce($4, size_gb),
        wanted_gb = case when $5 then $6 else wanted_gb end, backend_id = coalesce($7, backend_id),
        fault = case when $8 then $9::jsonb || jsonb_build_object(
          'created', to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')) else fault end,
        updated_at = now()
      where id = $1`,
      storageEvent('volume', 'state'),
    ),
    [
      id,
      status,
      operationId ?? null,
      sizeGb ?? null,
      wantedGb !== undefined,
      wantedGb ?? null,
      backendId ?? null,
      fault !== undefined,
      fault ? JSON.stringify(fault) : null,
    ],
  );
};
export interface Changes {
  name?: string;
  description?: string | null;
  deleteProtection?: boolean;
  bootable?: boolean;
}
/** What is left out stays as it is. */
export const updateVolume = async (tx: Tx, id: string, changes: Changes): Promise<void> => {
  await em(tx).update(volumes, { id }, { ...changes, updatedAt: () => 'now()' });
};
/** It goes as soon as nothing needs it. */
export const doomVolume = async (tx: Tx, id: string): Promise<void> => {
  await em(tx).update(volumes, { id }, { doomed: true });
};
export const writeBackendId = async (q: Queryable, id: string, backendId: string): Promise<void> => {
  await em(q).update(volumes, { id }, { backendId });
};
/** The row goes. SQL: the event is written by the same statement. */
export const removeVolume = async (tx: Tx, id: string): Promise<void> => {
  await run(tx, recording('delete from volume where id = $1', storageEvent('volume', 'deleted')), [id]);
};
/**
 * Of these ids, those of volumes that were here and are gone: their operations are kept. What has no operation either
 * was never here. SQL: batched
 */
export const findGone = async (q: Queryable, ids: readonly string[]): Promise<Set<string>> =>
  new Set(
    (
      await sql<{ id: string }>(
        q,
        `select w.id::text id from unnest($1::uuid[]) w(id)
        where not exists (select from volume v where v.id = w.id)
          and exists (select from operation o where o.object_id = w.id and o.object_type = 'volume')`,
        [ids],
      )
    ).map(({ id }) => id),
  );

export const countOfClient = async (q: Queryable, clientId: number): Promise<number> =>
  (
    await sql<{ n: number }>(
      q,
      `select ((select count(*) from volume where client_id = $1) + (select count(*) from volume_snapshot
        where client_id = $1) + (select count(*) from volume_backup where client_id = $1))::int n`,
      [clientId],
    )
  )[0]?.n ?? 0;
/** All that the client has goes as soon as nothing needs it. SQL: all at once. */
export const doomOfClient = async (tx: Tx, clientId: number): Promise<void> => {
  for (const one of ['volume', 'volume_snapshot', 'volume_backup'])
    await run(tx, `update ${one} set doomed = true where client_id = $1 and not doomed`, [clientId]);
};
/** What is to go and can go now. SQL: anti-joins. */
export const listDoomed = (
  q: Queryable,
  limit: number,
): Promise<{ kind: 'volume' | 'snapshot' | 'backup'; id: string }[]> =>
  sql(
    q,
    `(select 'backup' kind, id from volume_backup b where doomed and status in ('available', 'error')
        and not exists (select from volume_backup c where c.parent_id = b.id) order by id limit $1)
    union all (select 'snapshot', id from volume_snapshot where doomed and status in ('available', 'error')
      order by id limit $1)
    union all (select 'volume', id from volume v where doomed
      and status in ('available', 'error', 'error_deleting', 'error_extending')
      and not exists (select from volume_attachment a where a.volume_id = v.id)
      and not exists (select from volume_snapshot s where s.volume_id = v.id) order by id limit $1)`,
    [limit],
  );
/**
 * Volumes, snapshots and backups in the middle of something that no operation carries out. SQL: anti-joins over partial
 * indexes.
 */
export const listLost = (
  q: Queryable,
  limit: number,
): Promise<{ kind: 'volume' | 'snapshot' | 'backup'; id: string }[]> => {
  const of = (kind: string, table: string, rest: string) => `(select '${kind}' kind, id from ${table} x
    where status not in (${rest}) and not exists (
      select from operation o where o.id = x.operation_id and o.status in ('pending', 'running'))
    order by updated_at limit $1)`;
  return sql(
    q,
    [
      of('volume', 'volume', `'available', 'in-use', 'reserved', 'error', 'error_deleting', 'error_extending'`),
      of('snapshot', 'volume_snapshot', `'available', 'error'`),
      of('backup', 'volume_backup', `'available', 'error'`),
    ].join(' union all '),
    [limit],
  );
};
