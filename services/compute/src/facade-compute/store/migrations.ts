import { columns, type Queryable } from '@nefos/service-kit';
import { keysetPage, type KeysetPage, type KeysetRequest, type KeysetSpec } from '../../lists/keyset.js';
import type { Condition } from '../../lists/list-query.js';
import { operations, type Operation } from '../../operations/tables.js';

const SHOWN = ['id', 'instanceId', 'createdAt'] as const;
/** An instance that went, or goes, to another host; a resize is one as well. */
export interface Migration extends Pick<Operation, (typeof SHOWN)[number]> {
  type: 'migration' | 'live-migration' | 'resize';
  /** In Nova's words. */
  status: string;
  updatedAt: string;
  /** Where it goes from, while it goes; null: it is not kept. */
  source: string | null;
  /** The host that was asked for; null: the hypervisor chose. */
  wanted: string | null;
  projectId: string;
  /** The user's id at identity; null: the portal itself, or a user who is gone. */
  userUuid: string | null;
}
const GOING = `o.status in ('pending', 'running')`;
const LIVE = `o.action = 'liveMigrate'`;
const UPDATED = 'coalesce(o.completed_at, o.started_at, o.created_at)';
const TYPE = `case o.action when 'liveMigrate' then 'live-migration' when 'resize' then 'resize' else 'migration' end`;
/** What came of it: the next thing that ends it, or begins another one. By the index of an instance's operations. */
const END = `(select x.action from operation x where x.instance_id = o.instance_id
  and (x.created_at, x.id) > (o.created_at, o.id) and x.status = 'completed'
  and x.action in ('confirmResize', 'revertResize', 'migrate', 'resize') order by x.created_at, x.id limit 1)`;
const STATUS = `case o.status
  when 'pending' then case when ${LIVE} then 'queued' else 'pre-migrating' end
  when 'running' then case when ${LIVE} then 'running' else 'migrating' end
  when 'failed' then 'error'
  when 'canceled' then 'cancelled'
  else case when ${LIVE} then 'completed' else
    case ${END} when 'confirmResize' then 'confirmed' when 'revertResize' then 'reverted' else 'finished' end end end`;
const SOURCE = `case when ${GOING} then i.host_name end`;
const WANTED = `o.params ->> 'host'`;
const SPEC: KeysetSpec = {
  select: `${columns(operations, 'o', SHOWN)}, ${TYPE} "type", ${STATUS} "status", ${UPDATED} "updatedAt",
    ${SOURCE} "source", ${WANTED} "wanted", i.project_id "projectId", u.uuid "userUuid"`,
  from: 'operation o join instance i on i.id = o.instance_id left join portal_user u on u.id = o.created_by_id',
  keys: { created_at: { sql: 'o.created_at', type: 'timestamptz' } },
  id: { sql: 'o.id', type: 'uuid' },
};
// As the index of migrations says it.
const ALL: Condition = { sql: `o.action in ('migrate', 'liveMigrate', 'resize')`, values: [] };

/** What a list of migrations is narrowed to. */
export interface MigrationFilters {
  instanceId?: string | undefined;
  status?: string | undefined;
  type?: string | undefined;
  /** Where it goes from or to. */
  host?: string | undefined;
  source?: string | undefined;
  projectId?: string | undefined;
  userUuid?: string | undefined;
  since?: string | undefined;
  before?: string | undefined;
}
const NARROWED: Readonly<Record<keyof MigrationFilters, { sql: string; times?: number }>> = {
  instanceId: { sql: 'o.instance_id = $::uuid' },
  status: { sql: `${STATUS} = $` },
  type: { sql: `${TYPE} = $` },
  host: { sql: `${SOURCE} = $ or ${WANTED} = $`, times: 2 },
  source: { sql: `${SOURCE} = $` },
  projectId: { sql: 'i.project_id = $' },
  userUuid: { sql: 'u.uuid = $::uuid' },
  since: { sql: `${UPDATED} >= $::timestamptz` },
  before: { sql: `${UPDATED} <= $::timestamptz` },
};
/** Newest first. */
export const listMigrations = (
  q: Queryable,
  filters: MigrationFilters,
  page: Pick<KeysetRequest, 'limit' | 'marker'>,
): Promise<KeysetPage<Migration> | 'no_marker'> =>
  keysetPage<Migration>(
    q,
    SPEC,
    {
      ...page,
      sort: [{ key: 'created_at', descending: true }],
      conditions: (Object.keys(NARROWED) as (keyof MigrationFilters)[]).flatMap((name) => {
        const value = filters[name];
        const { sql, times = 1 } = NARROWED[name];
        return value === undefined ? [] : [{ sql, values: Array<string>(times).fill(value) }];
      }),
    },
    [ALL],
  );
