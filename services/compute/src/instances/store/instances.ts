import { run, sql, type Queryable, type Tx } from '@nefos/service-kit';
import type { VmState, TaskState, PowerState } from '../../operations/instance-states.js';
import type { ListSpec } from '../../lists/list-query.js';
import { FLAVOR_COLUMNS, type FlavorColumns } from '../../catalog/store/flavors.js';

/** An instance as its lists and its page show it, with flavor, region and client. */
export interface InstanceRow extends FlavorColumns {
  id: string;
  name: string;
  description: string | null;
  vm_state: VmState;
  task_state: TaskState | null;
  power_state: PowerState;
  locked_by: 'owner' | 'staff' | null;
  booted_from_iso: boolean;
  created_at: string;
  updated_at: string;
  launched_at: string | null;
  terminated_at: string | null;
  region_id: string;
  region_description: string;
  region_enabled: boolean;
  region_enable_volumes: boolean;
  region_enable_snapshots: boolean;
  image_id: string | null;
  os_distro: string | null;
  client_id: number;
  client_name: string;
  project_id: string;
  access_ip: string | null;
  host_name: string | null;
  fault: { code: string; message: string; created: string } | null;
  addresses: { network: string; version: 4 | 6; addr: string; mac: string; type: 'fixed' | 'floating' }[];
  tags: string[];
  delete_protection: boolean;
}
const LIVE = `i.vm_state <> 'deleted'`;
// Joins to unique columns only: PostgreSQL leaves them out when it counts.
const FROM = `instance i left join flavor f on f.id = i.flavor_id left join flavor_group g on g.id = f.flavor_group_id left join region r on r.id = i.region_id
    left join client c on c.id = i.client_id`;
const COLUMNS = `i.id, i.name, i.description, i.vm_state, i.task_state, i.power_state, i.locked_by, i.booted_from_iso, i.created_at, i.updated_at, i.launched_at,
  i.terminated_at,
  i.region_id, r.description region_description, r.enabled region_enabled, r.enable_volumes region_enable_volumes, r.enable_snapshots region_enable_snapshots,
  i.image_id, i.os_distro, i.client_id, c.first_name || ' ' || c.last_name client_name, i.project_id, i.access_ip, i.host_name, i.fault, i.addresses, i.tags,
    i.delete_protection, ${FLAVOR_COLUMNS}`;
export const instanceList: ListSpec = {
  select: COLUMNS,
  from: FROM,
  fields: {
    project__service__client__id: { sql: 'i.client_id', type: 'int' },
    id: { sql: 'i.id', type: 'uuid' },
    name: { sql: 'i.name', type: 'text' },
    status: { sql: 'i.vm_state', type: 'text' },
    region: { sql: 'i.region_id', type: 'text' },
    flavor__id: { sql: 'i.flavor_id', type: 'uuid' },
    image: { sql: 'i.image_id', type: 'uuid' },
    host_name: { sql: 'i.host_name', type: 'text' },
    project__id: { sql: 'i.project_id', type: 'text' },
    locked: { sql: '(i.locked_by is not null)', type: 'boolean' },
    created: { sql: 'i.created_at', type: 'time' },
  },
  search: ['i.name', 'i.description', 'i.access_ip'],
  searchText: 'i.search_text',
  ordering: '-created',
  tie: 'i.id',
};
/** For end users: hosts are not told, so nothing asks for them either. */
export const ownInstanceList: ListSpec = {
  ...instanceList,
  fields: Object.fromEntries(Object.entries(instanceList.fields).filter(([name]) => name !== 'host_name')),
};
/** What a list shows at all: nothing deleted, and of end users only their own. */
export const liveOf = (clientIds: readonly number[] | null) => [
  { sql: LIVE, values: [] },
  ...(clientIds ? [{ sql: 'i.client_id = any($::int[])', values: [clientIds] }] : []),
];
export const findInstance = async (q: Queryable, id: string): Promise<InstanceRow | undefined> =>
  (await sql<InstanceRow>(q, `select ${COLUMNS} from ${FROM} where i.id = $1 and ${LIVE}`, [id]))[0];

export interface NewInstance {
  id: string;
  clientId: number;
  projectId: string;
  region: string;
  flavorId: string;
  imageId: string;
  imageName: string;
  osDistro: string | null;
  networks: readonly string[];
  name: string;
  description: string | null;
  tags: readonly string[];
  deleteProtection: boolean;
  operationId: string;
}
/** A new instance, already in the hands of the operation that builds it. */
export const insertInstance = async (tx: Tx, one: NewInstance): Promise<void> => {
  await run(
    tx,
    `insert into instance (id, client_id, project_id, region_id, flavor_id, image_id, image_name, os_distro, networks, name, description, tags, delete_protection,
      vm_state, task_state, operation_id)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'building', 'scheduling', $14)`,
    [
      one.id,
      one.clientId,
      one.projectId,
      one.region,
      one.flavorId,
      one.imageId,
      one.imageName,
      one.osDistro,
      one.networks,
      one.name,
      one.description,
      one.tags,
      one.deleteProtection,
      one.operationId,
    ],
  );
};

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

export interface Changes {
  name?: string;
  description?: string | null;
  tags?: readonly string[];
  deleteProtection?: boolean;
}
export const updateInstance = async (tx: Tx, id: string, c: Changes): Promise<void> => {
  await run(
    tx,
    `update instance set name = coalesce($2, name), description = case when $3 then $4 else description end, tags = coalesce($5,
      tags), delete_protection = coalesce($6, delete_protection), updated_at = now() where id = $1`,
    [
      id,
      c.name ?? null,
      c.description !== undefined,
      c.description ?? null,
      c.tags ?? null,
      c.deleteProtection ?? null,
    ],
  );
};
export const setLock = async (tx: Tx, id: string, by: 'owner' | 'staff' | null): Promise<void> => {
  await run(tx, 'update instance set locked_by = $2, updated_at = now() where id = $1', [id, by]);
};

/** Instances, cores and MB of memory that a project uses. */
export const usageOf = async (tx: Tx, projectId: string): Promise<{ instances: number; cores: number; ram: number }> =>
  (
    await sql<{ instances: number; cores: number; ram: number }>(
      tx,
      `
  select count(*)::int instances, coalesce(sum(f.vcpus), 0)::int cores, coalesce(sum(f.memory_mb), 0)::int ram from instance i join flavor f on f.id = i.flavor_id
    where i.project_id = $1 and ${LIVE}`,
      [projectId],
    )
  )[0] ?? { instances: 0, cores: 0, ram: 0 };
export const countLive = async (q: Queryable, clientId: number): Promise<number> =>
  (
    await sql<{ n: number }>(q, `select count(*)::int n from instance i where i.client_id = $1 and ${LIVE}`, [clientId])
  )[0]?.n ?? 0;
export const liveIdsOf = async (q: Queryable, clientId: number): Promise<string[]> =>
  (
    await sql<{ id: string }>(q, `select i.id from instance i where i.client_id = $1 and ${LIVE} order by i.id`, [
      clientId,
    ])
  ).map((row) => row.id);
/** Marks a client's instances as ones that must not run, or may again. */
export const holdAll = async (tx: Tx, clientId: number, held: boolean): Promise<void> => {
  await run(tx, `update instance set held = $2 where client_id = $1 and vm_state <> 'deleted' and held <> $2`, [
    clientId,
    held,
  ]);
};
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
