import { columns, em, prepared, run, sql, type Queryable, type Tx } from '@nefos/service-kit';
import type { Page } from '../../lists/list-plan.js';
import type { Condition, ListSpec, Query } from '../../lists/list-query.js';
import { pageOf } from '../../lists/select-page.js';
import { eventsOf, recording, WAKE } from '../../events/recording.js';
import { INSTANCE_CREATED, OPERATION_CREATED, OPERATION_ENDED } from '../recorded.js';
import { operations, type Failure, type Operation, type OperationObject, type Step } from '../tables.js';
import { INTERFACE_ACTIONS } from '../transitions.js';
import { NOT_ENDED } from './operation-work.js';

const SHOWN = [
  'id',
  'action',
  'type',
  'status',
  'objectType',
  'objectId',
  'instanceId',
  'clientId',
  'params',
  'steps',
  'error',
  'attempts',
  'viewed',
  'createdById',
  'createdByName',
  'createdAt',
  'completedAt',
] as const;
/** An operation as lists and pages show it. */
export type ShownOperation = Pick<Operation, (typeof SHOWN)[number]>;
const operationList: ListSpec = {
  select: columns(operations, 'o', SHOWN),
  from: 'operation o',
  fields: {
    id: { sql: 'o.id', type: 'uuid' },
    type: { sql: 'o.type', type: 'text' },
    status: { sql: 'o.status', type: 'text' },
    instance: { sql: 'o.instance_id', type: 'uuid' },
    object: { sql: 'coalesce(o.object_id, o.instance_id)', type: 'uuid' },
    client__id: { sql: 'o.client_id', type: 'int' },
    viewed: { sql: 'o.viewed', type: 'boolean' },
    created_at: { sql: 'o.created_at', type: 'time' },
  },
  search: ['o.type', 'o.created_by_name'],
  ordering: '-created_at',
  tie: 'o.id',
};
/** For end users: they do not see which member of staff did something, so a search must not find it either. */
const ownOperationList: ListSpec = { ...operationList, search: ['o.type'] };
/**
 * @param scope.staff whether the names of staff are shown. @param scope.clientIds whose operations; null: everybody's.
 * @param scope.instanceId only those of this instance
 */
export const listOperations = (
  q: Queryable,
  query: Query,
  { staff, clientIds, instanceId }: { staff: boolean; clientIds: readonly number[] | null; instanceId?: string },
): Promise<Page<ShownOperation>> => {
  const scope: Condition[] = [];
  if (clientIds) scope.push({ sql: 'o.client_id = any($::int[])', values: [clientIds] });
  if (instanceId !== undefined) scope.push({ sql: 'o.instance_id = $::uuid', values: [instanceId] });
  return pageOf(q, staff ? operationList : ownOperationList, query, scope);
};
export const findOperation = async (q: Queryable, id: string): Promise<Operation | undefined> =>
  (await em(q).findOneBy(operations, { id })) ?? undefined;

/** An operation to be written. */
export interface NewOperation extends Pick<
  Operation,
  'id' | 'action' | 'type' | 'instanceId' | 'clientId' | 'previousState' | 'requestId'
> {
  /** What it is on; absent: the instance. */
  object?: { type: OperationObject; id: string };
  params: object;
  steps: readonly Step[];
  by: { id: number; name: string } | null;
  deadlineSeconds: number;
  checkSeconds: number;
  /** The instance is new, too: an event says so. */
  newInstance?: boolean;
}
/** The instance's row was written before, in the same transaction. */
const NEW_INSTANCE = `made as (${eventsOf('(select * from instance where id = $4) changed', INSTANCE_CREATED)})`;
/** SQL: the instants are computed by the database's clock. */
const INSERT = `insert into operation (id, action, type, status, instance_id, client_id, previous_state, params, steps,
      created_by_id, created_by_name, request_id, deadline_at, next_check_at, object_type, object_id)
    values ($1, $2, $3, 'pending', $4, $5, $6, $7::jsonb, $8::jsonb,
      $9, $10, $11, now() + $12 * interval '1 s', now() + $13 * interval '1 s', $14, $15)`;
const insertText = (newInstance: boolean): string =>
  recording(INSERT, OPERATION_CREATED, newInstance ? { more: NEW_INSTANCE } : {});
const INSERTS = { new: insertText(true), known: insertText(false) };
export const insertOperation = async (tx: Tx, one: NewOperation): Promise<void> => {
  await prepared(tx, one.newInstance ? INSERTS.new : INSERTS.known, [
    one.id,
    one.action,
    one.type,
    one.instanceId,
    one.clientId,
    one.previousState,
    JSON.stringify(one.params),
    JSON.stringify(one.steps),
    one.by?.id ?? null,
    one.by?.name ?? null,
    one.requestId,
    one.deadlineSeconds,
    one.checkSeconds,
    one.object?.type ?? 'instance',
    one.object?.id ?? null,
  ]);
};
/**
 * Cancels every operation of the instance that has not ended: a new one replaces them. Their secrets go. SQL:
 * conditional.
 * @param options.all also those that go on beside others
 */
export const cancelOperations = async (
  tx: Tx,
  instanceId: string,
  { all = false }: { all?: boolean } = {},
): Promise<void> => {
  await run(
    tx,
    recording(
      `update operation set status = 'canceled', completed_at = now()
      where instance_id = $1 and status in ('pending', 'running') and object_type = 'instance'
        and ($2 or not action = any($3::text[]))`,
      OPERATION_ENDED,
      { more: 'gone as (delete from operation_secret where operation_id in (select id from changed))' },
    ),
    [instanceId, all, INTERFACE_ACTIONS],
  );
};

/** The driver has accepted the actions. */
export const markCalled = async (q: Queryable, ids: readonly string[]): Promise<void> => {
  // SQL: locked in one order.
  await prepared(
    q,
    `with locked as materialized (
      select id from operation where id = any($1::uuid[]) order by id for no key update)
    update operation set called = true, error = null where id in (select id from locked)`,
    [ids],
  );
};
/** An operation that ends. */
export interface OperationEnd {
  id: string;
  status: 'completed' | 'failed' | 'canceled';
  steps: readonly Step[];
  error: Failure | null;
}
const END = `with w as materialized (
      select * from jsonb_to_recordset($1::jsonb) x(id uuid, status text, steps jsonb, error jsonb)),
    locked as materialized (
      select id from operation where id = any($2::uuid[]) order by id for no key update),
    changed as (update operation o set status = w.status, steps = w.steps, error = w.error, completed_at = now()
      from w join locked l on l.id = w.id where o.id = l.id and o.${NOT_ENDED} returning o.*),
    recorded as (${eventsOf('changed', OPERATION_ENDED)}),
    gone as (delete from operation_secret where operation_id = any($2::uuid[]))
  select id from changed where ${WAKE}`;
/** Their secrets go. SQL: conditional, an operation ends once. */
export const endOperations = async (tx: Tx, ends: readonly OperationEnd[]): Promise<void> => {
  await prepared(tx, END, [JSON.stringify(ends), ends.map(({ id }) => id)]);
};
/** Stores why the operation is tried again, and when the sweep checks whether it was. */
export const postponeCheck = async (tx: Tx, id: string, checkAt: Date, error: Failure | null): Promise<void> => {
  await em(tx).update(operations, { id }, { nextCheckAt: checkAt.toISOString(), ...(error && { error }) });
};
/**
 * Operations that have not ended and whose check is due; moves their next check on. SQL: batched, skips locked rows.
 * @param on.instances false: those on other things
 */
export const claimDueChecks = (
  q: Queryable,
  limit: number,
  checkSeconds: number,
  { instances = true }: { instances?: boolean } = {},
): Promise<Pick<Operation, 'id' | 'instanceId' | 'action' | 'params'>[]> =>
  sql(
    q,
    `update operation set next_check_at = now() + $2 * interval '1 s' where id in (select id from operation
      where status in ('pending', 'running') and next_check_at <= now() and (object_type = 'instance') = $3
      order by next_check_at limit $1 for update skip locked)
    returning ${columns(operations, undefined, ['id', 'instanceId', 'action', 'params'])}`,
    [limit, checkSeconds, instances],
  );
/** @param clientIds whose operations; null: everybody's. @returns how many were not viewed before. SQL: batched */
export const markViewed = (q: Queryable, clientIds: readonly number[] | null): Promise<number> =>
  run(
    q,
    `update operation set viewed = true where not viewed and status in ('completed', 'failed', 'canceled')
      and ($1::int[] is null or client_id = any($1))`,
    [clientIds],
  );
/**
 * Of these operations those that have not ended, and of which no job waits or runs. SQL: the jobs are the queue's.
 * @param keys of their jobs, in the same order
 */
export const listWithoutJob = async (
  q: Queryable,
  ids: readonly string[],
  keys: readonly string[],
): Promise<Set<string>> =>
  new Set(
    (
      await sql<{ id: string }>(
        q,
        `select o.id from unnest($1::uuid[], $2::text[]) u(id, key) join operation o on o.id = u.id
        where ${NOT_ENDED} and not exists (select from graphile_worker.jobs j
          where j.key = u.key and (j.attempts < j.max_attempts or j.locked_at is not null))`,
        [ids, keys],
      )
    ).map(({ id }) => id),
  );
/** Whether an operation that has not ended makes this image of the instance. SQL: reads the parameters. */
export const isImageBeingMade = async (q: Queryable, instanceId: string, imageId: string): Promise<boolean> =>
  (
    await sql(
      q,
      `select 1 from operation
      where instance_id = $1 and status in ('pending', 'running') and params ->> 'image' = $2 limit 1`,
      [instanceId, imageId],
    )
  ).length > 0;
