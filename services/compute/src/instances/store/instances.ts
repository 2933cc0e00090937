import { run, sql, type Queryable, type Tx } from '@nefos/service-kit';
import type { VmState, TaskState, PowerState } from '../../operations/instance-states.js';
import type { ListSpec } from '../../lists/list-query.js';
import { FLAVOR_COLUMNS, type FlavorColumns } from '../../catalog/flavor-columns.js';

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

/** Instances that are not deleted, by state. */
export const countInstances = (q: Queryable): Promise<{ value: string; count: number }[]> =>
  sql(q, `select vm_state value, count(*)::int count from instance where vm_state <> 'deleted' group by 1`);
