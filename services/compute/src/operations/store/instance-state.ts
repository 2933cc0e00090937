import { run, sql, type Queryable, type Tx } from '@nefos/service-kit';
import type { PowerState, TaskState, VmState } from '../instance-states.js';

/** What decides whether an action is possible. */
export interface InstanceState {
  id: string;
  client_id: number;
  region_id: string;
  vm_state: VmState;
  task_state: TaskState | null;
  locked_by: 'owner' | 'staff' | null;
  delete_protection: boolean;
  launched: boolean;
  operation_id: string | null;
  held: boolean;
  was_running: boolean;
}
const STATE =
  'id, client_id, region_id, vm_state, task_state, locked_by, delete_protection, launched_at is not null launched, operation_id, held, was_running';
export const findState = async (q: Queryable, id: string): Promise<InstanceState | undefined> =>
  (await sql<InstanceState>(q, `select ${STATE} from instance where id = $1 and vm_state <> 'deleted'`, [id]))[0];
export const lockState = async (tx: Tx, id: string): Promise<InstanceState | undefined> =>
  (
    await sql<InstanceState>(tx, `select ${STATE} from instance where id = $1 and vm_state <> 'deleted' for update`, [
      id,
    ])
  )[0];

export interface Guard {
  from: readonly VmState[] | null;
  tasks: readonly (TaskState | null)[] | null;
  launched: boolean;
  /** Whoever does not bypass locks needs an unlocked one. */ unlocked: boolean;
  unprotected: boolean;
}
/** Takes the instance for an operation, if it is in a state for it: the only guard against two at once (contract §7.2). */
export const beginTask = async (
  tx: Tx,
  id: string,
  operationId: string,
  begins: TaskState,
  guard: Guard,
): Promise<{ client_id: number; vm_state: VmState } | undefined> =>
  (
    await sql<{ client_id: number; vm_state: VmState }>(
      tx,
      `
  update instance set task_state = $3, operation_id = $2, updated_at = now() where id = $1 and vm_state <> 'deleted' and ($4::text[] is null or vm_state = any($4))
    and ($5::text[] is null or coalesce(task_state, '') = any($5)) and (not $6 or launched_at is not null) and (not $7 or locked_by is null) and (not $8
      or not delete_protection)
  returning client_id, vm_state`,
      [
        id,
        operationId,
        begins,
        guard.from,
        guard.tasks?.map((one) => one ?? '') ?? null,
        guard.launched,
        guard.unlocked,
        guard.unprotected,
      ],
    )
  )[0];

/** A failed build begins anew. */
export const markBuilding = async (tx: Tx, id: string): Promise<void> => {
  await run(tx, `update instance set vm_state = 'building', fault = null where id = $1`, [id]);
};

/** Writes of an operation: none of them has effect once another one owns the instance. @returns whether it still did */
export const continueTask = async (
  q: Queryable,
  id: string,
  operationId: string,
  taskState: TaskState,
): Promise<boolean> =>
  (await run(
    q,
    'update instance set task_state = $3, updated_at = now() where id = $1 and operation_id = $2 and task_state is not null',
    [id, operationId, taskState],
  )) === 1;
export const ownsInstance = async (q: Queryable, id: string, operationId: string): Promise<boolean> =>
  (
    await sql(q, 'select 1 from instance where id = $1 and operation_id = $2 and task_state is not null', [
      id,
      operationId,
    ])
  ).length === 1;

export interface Outcome {
  vmState: VmState;
  powerState: PowerState | null;
  fault?: { code: string; message: string } | null;
  backendId?: string | null;
  host?: string | null;
  addresses?: readonly { network: string; version: 4 | 6; addr: string; mac: string; type: 'fixed' | 'floating' }[];
}
/** Ends the task; what is left out stays as it is. `operationId` null: whoever owns it. @returns whether the instance was still in these hands */
export const endTask = async (
  tx: Tx,
  id: string,
  operationId: string | null,
  { vmState, powerState, fault, backendId, host, addresses }: Outcome,
): Promise<boolean> => {
  const first = (version: 4 | 6) => addresses?.find((a) => a.version === version && a.type === 'fixed')?.addr;
  return (
    (await run(
      tx,
      `update instance set task_state = null, vm_state = $3, power_state = coalesce($4, power_state), updated_at = now(),
      launched_at = case when $3 = 'active' and $2::uuid is not null then coalesce(launched_at, now()) else launched_at end,
        terminated_at = case when $3 = 'deleted' then now() end,
      fault = case when $5 then $6::jsonb || jsonb_build_object('created', to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')) else fault end,
      backend_id = coalesce($7, backend_id), host_name = coalesce($8, host_name), addresses = coalesce($9::jsonb, addresses), access_ip = coalesce($10, access_ip)
    where id = $1 and vm_state <> 'deleted' and ($2::uuid is null or (operation_id = $2 and task_state is not null))`,
      [
        id,
        operationId,
        vmState,
        powerState,
        fault !== undefined,
        fault ? JSON.stringify(fault) : null,
        backendId ?? null,
        host ?? null,
        addresses ? JSON.stringify(addresses) : null,
        first(4) ?? first(6) ?? null,
      ],
    )) === 1
  );
};
/** Copies the hypervisor's power state while nothing is going on and nothing was asked for since `last`. @returns the state then; undefined otherwise */
export const copyPower = async (
  tx: Tx,
  id: string,
  last: string | null,
  powerState: PowerState,
): Promise<InstanceState | undefined> =>
  (
    await sql<InstanceState>(
      tx,
      `update instance set power_state = $3 where id = $1 and operation_id is not distinct from $2 and task_state is null and vm_state <> 'deleted' returning ${STATE}`,
      [id, last, powerState],
    )
  )[0];

export const rememberRunning = async (tx: Tx, id: string, wasRunning: boolean): Promise<void> => {
  await run(tx, 'update instance set was_running = $2 where id = $1', [id, wasRunning]);
};

/** A page of what is believed of a region's instances, by id. */
export interface Believed {
  id: string;
  vm_state: VmState;
  task_state: TaskState | null;
  power_state: PowerState;
  launched: boolean;
  held: boolean;
}
export const pageOfBeliefs = (q: Queryable, region: string, after: string | null, limit: number): Promise<Believed[]> =>
  sql<Believed>(
    q,
    `
  select id, vm_state, task_state, power_state, launched_at is not null launched, held from instance
    where region_id = $1 and vm_state <> 'deleted' and ($2::uuid is null or id > $2) order by id limit $3`,
    [region, after, limit],
  );
/** Of these ids, those whose machine should not be: the instance is deleted since a minute, or was never built. */
export const abandoned = async (q: Queryable, ids: readonly string[]): Promise<Set<string>> =>
  new Set(
    (
      await sql<{ id: string }>(
        q,
        `
  select id from instance where id = any($1::uuid[]) and ((vm_state = 'deleted' and terminated_at < now() - interval '1 minute') or (vm_state = 'error'
    and launched_at is null and task_state is null))`,
        [ids],
      )
    ).map((row) => row.id),
  );
/** Instances whose task belongs to no living operation. */
export const orphanedTasks = (q: Queryable, limit: number): Promise<InstanceState[]> =>
  sql<InstanceState>(
    q,
    `
  select ${STATE} from instance i where task_state is not null and vm_state <> 'deleted' and not exists (select 1 from operation o
    where o.id = i.operation_id and o.status in ('pending', 'running')) order by updated_at limit $1`,
    [limit],
  );
