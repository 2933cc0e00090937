import { run, sql, type Queryable, type Tx } from '@nefos/service-kit';
import type { JobAction, TaskState, VmState } from '../instance-states.js';
import type { ListSpec } from '../../lists/list-query.js';

export type OperationStatus = 'pending' | 'running' | 'completed' | 'failed' | 'canceled';
export interface Step {
  name: string;
  status: 'pending' | 'running' | 'completed' | 'failed';
}
export interface OperationRow {
  id: string;
  action: JobAction;
  type: string;
  status: OperationStatus;
  instance_id: string;
  client_id: number;
  params: Record<string, unknown>;
  steps: Step[];
  error: { code: string; message: string } | null;
  attempts: number;
  viewed: boolean;
  created_by_id: number | null;
  created_by_name: string | null;
  created_at: string;
  completed_at: string | null;
}
const COLUMNS = `o.id, o.action, o.type, o.status, o.instance_id, o.client_id, o.params, o.steps, o.error, o.attempts, o.viewed, o.created_by_id, o.created_by_name, o.created_at,
    o.completed_at`;
export const operationList: ListSpec = {
  select: COLUMNS,
  from: 'operation o',
  fields: {
    id: { sql: 'o.id', type: 'uuid' },
    type: { sql: 'o.type', type: 'text' },
    status: { sql: 'o.status', type: 'text' },
    instance: { sql: 'o.instance_id', type: 'uuid' },
    client__id: { sql: 'o.client_id', type: 'int' },
    viewed: { sql: 'o.viewed', type: 'boolean' },
    created_at: { sql: 'o.created_at', type: 'time' },
  },
  search: ['o.type', 'o.created_by_name'],
  ordering: '-created_at',
  tie: 'o.id',
};
/** For end users: who of the staff did something is not told, so no search finds it either. */
export const ownOperationList: ListSpec = { ...operationList, search: ['o.type'] };
export const operationsOf = (clientIds: readonly number[]) => ({
  sql: 'o.client_id = any($::int[])',
  values: [clientIds],
});
export const operationsOn = (instanceId: string) => ({ sql: 'o.instance_id = $::uuid', values: [instanceId] });
export const findOperation = async (q: Queryable, id: string): Promise<OperationRow | undefined> =>
  (await sql<OperationRow>(q, `select ${COLUMNS} from operation o where o.id = $1`, [id]))[0];

export interface NewOperation {
  id: string;
  action: JobAction;
  type: string;
  instanceId: string;
  clientId: number;
  previousState: VmState;
  params: object;
  steps: readonly Step[];
  by: { id: number; name: string } | null;
  requestId: string | null;
  deadlineSeconds: number;
  checkSeconds: number;
}
export const insertOperation = async (tx: Tx, one: NewOperation): Promise<void> => {
  await run(
    tx,
    `insert into operation (id, action, type, status, instance_id, client_id, previous_state, params, steps, created_by_id, created_by_name, request_id, deadline_at,
      next_check_at)
    values ($1, $2, $3, 'pending', $4, $5, $6, $7::jsonb, $8::jsonb, $9, $10, $11, now() + $12 * interval '1 s', now() + $13 * interval '1 s')`,
    [
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
    ],
  );
};
/** The newest operation of an instance takes the place of all others. */
export const cancelOthers = async (tx: Tx, instanceId: string, except: string | null): Promise<void> => {
  await run(
    tx,
    `update operation set status = 'canceled', completed_at = now() where instance_id = $1 and status in ('pending', 'running') and id is distinct from $2`,
    [instanceId, except],
  );
};

/** An operation and what its driver calls need. */
export interface Work {
  id: string;
  action: JobAction;
  instance_id: string;
  region: string;
  previous_state: VmState;
  steps: Step[];
  called: boolean;
  attempts: number;
  overdue: boolean;
  age_ms: number;
  request_id: string | null;
  params: Record<string, unknown>;
  backend_id: string | null;
  task_state: TaskState;
  name: string;
  tags: string[];
  project_id: string;
  image_id: string | null;
  vcpus: number;
  memory_mb: number;
  root_gb: number;
  ephemeral_gb: number;
  swap_mb: number;
  nics: { networkId: string; networkName: string; cidr: string | null }[];
}
/** Takes up a living operation that still owns its instance, and says when to look whether it is stuck. */
export const takeUp = async (q: Queryable, id: string, checkSeconds: number): Promise<Work | undefined> =>
  (
    await sql<Work>(
      q,
      `
  with taken as (update operation set status = 'running', started_at = coalesce(started_at, now()), next_check_at = now() + $2 * interval '1 s'
    where id = $1 and status in ('pending', 'running')
    and exists (select 1 from instance i where i.id = instance_id and i.operation_id = $1 and i.task_state is not null) returning *)
  select o.id, o.action, o.instance_id, i.region_id region, o.previous_state, o.steps, o.called, o.attempts, o.deadline_at < now() overdue,
    extract(epoch from now() - o.created_at)::float8 * 1000 age_ms, o.request_id, o.params,
    i.backend_id, i.task_state, i.name, i.tags, i.project_id, i.image_id, f.vcpus, f.memory_mb, f.root_gb, f.ephemeral_gb, f.swap_mb,
    (select coalesce(jsonb_agg(jsonb_build_object('networkId', n.id, 'networkName', n.name,
        'cidr', (select text(s.cidr) from subnet s where s.network_id = n.id order by s.id limit 1)) order by w.position), '[]')
      from unnest(i.networks) with ordinality w(id, position) join network n on n.id = w.id) nics
  from taken o join instance i on i.id = o.instance_id join flavor f on f.id = i.flavor_id`,
      [id, checkSeconds],
    )
  )[0];
export const writeSteps = async (q: Queryable, id: string, steps: readonly Step[]): Promise<void> => {
  await run(q, 'update operation set steps = $2::jsonb where id = $1', [id, JSON.stringify(steps)]);
};
export const countAttempt = async (q: Queryable, id: string): Promise<void> => {
  await run(q, 'update operation set attempts = attempts + 1 where id = $1', [id]);
};
export const markCalled = async (q: Queryable, id: string): Promise<void> => {
  await run(q, 'update operation set called = true, error = null where id = $1', [id]);
};
export const endOperation = async (
  tx: Tx,
  id: string,
  status: 'completed' | 'failed' | 'canceled',
  steps: readonly Step[],
  error: { code: string; message: string } | null,
): Promise<void> => {
  await run(
    tx,
    `update operation set status = $2, steps = $3::jsonb, error = $4::jsonb, completed_at = now() where id = $1 and status in ('pending', 'running')`,
    [id, status, JSON.stringify(steps), error ? JSON.stringify(error) : null],
  );
};
/** Notes why it will be tried again, and when somebody should look whether it was. */
export const postpone = async (
  tx: Tx,
  id: string,
  checkAt: Date,
  error: { code: string; message: string } | null,
): Promise<void> => {
  await run(tx, 'update operation set next_check_at = $2, error = coalesce($3::jsonb, error) where id = $1', [
    id,
    checkAt,
    error ? JSON.stringify(error) : null,
  ]);
};
/** Living operations that nobody has looked after in time; the column moves on in the same statement. */
export const takeStuck = (q: Queryable, limit: number, checkSeconds: number) =>
  sql<{ id: string; instance_id: string; action: JobAction }>(
    q,
    `
  update operation set next_check_at = now() + $2 * interval '1 s' where id in (select id from operation
    where status in ('pending', 'running') and next_check_at <= now() order by next_check_at limit $1 for update skip locked)
  returning id, instance_id, action`,
    [limit, checkSeconds],
  );
export const markViewed = (q: Queryable, clientIds: readonly number[] | null): Promise<number> =>
  run(
    q,
    `update operation set viewed = true where not viewed and status in ('completed', 'failed', 'canceled') and ($1::int[] is null or client_id = any($1))`,
    [clientIds],
  );
/** Whether a job with this key waits or runs. */
export const hasJob = async (q: Queryable, key: string): Promise<boolean> =>
  (
    await sql(
      q,
      'select 1 from graphile_worker.jobs where key = $1 and (attempts < max_attempts or locked_at is not null)',
      [key],
    )
  ).length > 0;
