import { columns, sql, type Queryable } from '@nefos/service-kit';
import { keysetPage, type KeysetPage, type KeysetSpec } from '../../lists/keyset.js';
import type { Condition } from '../../lists/list-query.js';
import { operations, type Operation } from '../../operations/tables.js';

const SHOWN = ['id', 'action', 'status', 'instanceId', 'createdById', 'requestId', 'createdAt', 'completedAt'] as const;
/** Something that was done to an instance. */
export interface Done extends Pick<Operation, (typeof SHOWN)[number]> {
  /** When it was last changed. */
  updatedAt: string;
  /** The user's id at identity; null: the portal itself, or a user who is gone. */
  userUuid: string | null;
  /** Of the instance at present. */
  projectId: string;
}
const UPDATED = 'coalesce(o.completed_at, o.started_at, o.created_at)';
const SPEC: KeysetSpec = {
  select: `${columns(operations, 'o', SHOWN)}, ${UPDATED} "updatedAt", u.uuid "userUuid", i.project_id "projectId"`,
  from: 'operation o join instance i on i.id = o.instance_id left join portal_user u on u.id = o.created_by_id',
  keys: { created_at: { sql: 'o.created_at', type: 'timestamptz' } },
  id: { sql: 'o.id', type: 'uuid' },
};
/** Whose history it is. */
export interface HistoryOf {
  instanceId: string;
  /** Only what was done for this client; null: everything. */
  clientId: number | null;
}
const scoped = ({ instanceId, clientId }: HistoryOf): Condition[] => [
  { sql: 'o.instance_id = $::uuid', values: [instanceId] },
  ...(clientId === null ? [] : [{ sql: 'o.client_id = $::int', values: [clientId] }]),
];
/** Newest first. @param options.marker id of the operation before */
export const listDone = (
  q: Queryable,
  of: HistoryOf,
  {
    limit,
    marker,
    since,
    before,
  }: { limit: number; marker: string | undefined; since?: string | undefined; before?: string | undefined },
): Promise<KeysetPage<Done> | 'no_marker'> =>
  keysetPage<Done>(
    q,
    SPEC,
    {
      limit,
      marker,
      sort: [{ key: 'created_at', descending: true }],
      conditions: [
        ...(since === undefined ? [] : [{ sql: `${UPDATED} >= $::timestamptz`, values: [since] }]),
        ...(before === undefined ? [] : [{ sql: `${UPDATED} <= $::timestamptz`, values: [before] }]),
      ],
    },
    scoped(of),
  );
/** What a request has done to the instance: the last one, when it has done several. */
export const findDone = async (q: Queryable, of: HistoryOf, requestId: string): Promise<Done | undefined> => {
  const page = await keysetPage<Done>(
    q,
    SPEC,
    {
      limit: 1,
      marker: undefined,
      sort: [{ key: 'created_at', descending: true }],
      conditions: [
        { sql: `o.request_id = $ or (o.request_id is null and 'req-' || o.id = $)`, values: [requestId, requestId] },
      ],
    },
    scoped(of),
  );
  return page === 'no_marker' ? undefined : page.rows[0];
};
/** Of an instance that may be deleted. SQL: computed. */
export const findClientOfAny = async (
  q: Queryable,
  id: string,
): Promise<{ clientId: number; deleted: boolean } | undefined> =>
  (
    await sql<{ clientId: number; deleted: boolean }>(
      q,
      `select client_id "clientId", vm_state = 'deleted' deleted from instance where id = $1`,
      [id],
    )
  )[0];
/** A live migration that goes on. */
export type Migrating = Pick<Operation, 'id' | 'status' | 'createdAt' | 'params'> & { updatedAt: string };
/** SQL: by the index of an instance's operations; at most one goes on. */
export const findMigrating = async (q: Queryable, instanceId: string): Promise<Migrating | undefined> =>
  (
    await sql<Migrating>(
      q,
      `select ${columns(operations, 'o', ['id', 'status', 'createdAt', 'params'])}, ${UPDATED} "updatedAt"
      from operation o where o.instance_id = $1 and o.action = 'liveMigrate' and o.status in ('pending', 'running')
      order by o.created_at desc, o.id desc limit 1`,
      [instanceId],
    )
  )[0];
