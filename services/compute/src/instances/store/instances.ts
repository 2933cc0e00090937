import { columns, em, prepared, run, sql, type Queryable, type Tx } from '@nefos/service-kit';
import { Not } from 'typeorm';
import { FLAVOR_COLUMNS, type FlavorColumns } from '../../catalog/flavor-columns.js';
import type { Page } from '../../lists/list-plan.js';
import type { ListSpec, Query } from '../../lists/list-query.js';
import { pageOf } from '../../lists/select-page.js';
import { instances, type Instance } from '../../operations/tables.js';
import { LIMIT_ACTION, LIMIT_BYTES } from '../../traffic/limit-sql.js';
import type { TrafficAction } from '../../traffic/tables.js';

const OWN = [
  'id',
  'name',
  'description',
  'vmState',
  'taskState',
  'powerState',
  'lockedBy',
  'bootedFromIso',
  'createdAt',
  'updatedAt',
  'launchedAt',
  'terminatedAt',
  'regionId',
  'imageId',
  'osDistro',
  'clientId',
  'projectId',
  'accessIp',
  'hostName',
  'fault',
  'addresses',
  'tags',
  'deleteProtection',
  'trafficBlocked',
] as const;
/** An instance as its lists and its page show it, with flavor, region and client. */
export interface InstanceRow extends FlavorColumns, Pick<Instance, (typeof OWN)[number]> {
  regionDescription: string;
  regionEnabled: boolean;
  regionEnableVolumes: boolean;
  regionEnableSnapshots: boolean;
  clientName: string;
  /** `YYYY-MM` of `monthBytes`; null: nothing was carried yet. */
  trafficMonth: string | null;
  monthBytes: number;
  /** When the cycle of `cycleBytes` is over. */
  cycleEnd: string | null;
  cycleBytes: number;
  /** Bytes of a month; null: none. */
  trafficLimit: number | null;
  trafficAction: TrafficAction;
}
const LIVE = `i.vm_state <> 'deleted'`;
// Joins to unique columns only, see `table` of `ListSpec`.
const FROM = `instance i left join flavor f on f.id = i.flavor_id left join flavor_group g on g.id = f.flavor_group_id
  left join region r on r.id = i.region_id left join client c on c.id = i.client_id
  left join traffic t on t.instance_id = i.id`;
const SELECT = `${columns(instances, 'i', OWN)}, r.description "regionDescription", r.enabled "regionEnabled",
  r.enable_volumes "regionEnableVolumes", r.enable_snapshots "regionEnableSnapshots",
  c.first_name || ' ' || c.last_name "clientName", t.month "trafficMonth", t.cycle_end "cycleEnd",
  coalesce(t.month_bytes, 0)::float8 "monthBytes", coalesce(t.cycle_bytes, 0)::float8 "cycleBytes",
  ${LIMIT_BYTES} "trafficLimit", ${LIMIT_ACTION} "trafficAction", ${FLAVOR_COLUMNS}`;
const instanceList: ListSpec = {
  select: SELECT,
  from: FROM,
  table: 'instance i',
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
    tags: { sql: 'i.tags', type: 'tags', order: false },
    created: { sql: 'i.created_at', type: 'time' },
  },
  search: ['i.name', 'i.description', 'i.access_ip'],
  searchText: 'i.search_text',
  ordering: '-created',
  tie: 'i.id',
};
/** For end users: they do not see hosts, so a filter must not find them either. */
const ownInstanceList: ListSpec = {
  ...instanceList,
  fields: Object.fromEntries(Object.entries(instanceList.fields).filter(([name]) => name !== 'host_name')),
};
/**
 * Instances that are not deleted.
 * @param scope.staff whether hosts are shown. @param scope.clientIds whose instances; null: everybody's
 */
export const listInstances = (
  q: Queryable,
  query: Query,
  { staff, clientIds }: { staff: boolean; clientIds: readonly number[] | null },
): Promise<Page<InstanceRow>> =>
  pageOf(q, staff ? instanceList : ownInstanceList, query, [
    { sql: LIVE, values: [] },
    ...(clientIds ? [{ sql: 'i.client_id = any($::int[])', values: [clientIds] }] : []),
  ]);
/** A volume of an instance, as its page shows it. */
export interface InstanceVolume {
  id: string;
  name: string;
  size: number;
  status: string;
  device: string | null;
  boot: boolean;
  delete_on_termination: boolean;
}
export type InstanceDetail = InstanceRow & { volumes: InstanceVolume[] };
const VOLUMES = `(select coalesce(jsonb_agg(jsonb_build_object('id', v.id, 'name', v.name, 'size', v.size_gb,
    'status', v.status, 'device', a.device, 'boot', a.boot, 'delete_on_termination', a.delete_on_termination)
    order by not a.boot, a.created_at, a.id), '[]')
  from volume_attachment a join volume v on v.id = a.volume_id where a.instance_id = i.id) volumes`;
/** Undefined also when it was deleted. SQL: joins. */
export const findInstance = async (q: Queryable, id: string): Promise<InstanceDetail | undefined> =>
  (await sql<InstanceDetail>(q, `select ${SELECT}, ${VOLUMES} from ${FROM} where i.id = $1 and ${LIVE}`, [id]))[0];

/** What an instance is made of. */
export interface MadeOf extends Pick<
  Instance,
  'name' | 'regionId' | 'projectId' | 'flavorId' | 'imageId' | 'osDistro' | 'networks' | 'hostName'
> {
  vcpus: number;
  memoryMb: number;
  rootGb: number;
  /** GB of the root disk, which may be a volume. */
  diskGb: number;
  regionEnableSnapshots: boolean;
}
/** SQL: joins. */
export const findMadeOf = async (q: Queryable, id: string): Promise<MadeOf | undefined> =>
  (
    await sql<MadeOf>(
      q,
      `select ${columns(instances, 'i', [
        'name',
        'regionId',
        'projectId',
        'flavorId',
        'imageId',
        'osDistro',
        'networks',
        'hostName',
      ])}, f.vcpus, f.memory_mb "memoryMb", f.root_gb "rootGb",
        coalesce((select v.size_gb from volume_attachment a join volume v on v.id = a.volume_id
          where a.instance_id = i.id and a.boot), f.root_gb) "diskGb", r.enable_snapshots "regionEnableSnapshots"
      from instance i join flavor f on f.id = i.flavor_id join region r on r.id = i.region_id
      where i.id = $1 and ${LIVE}`,
      [id],
    )
  )[0];
/** The instance is the other client's, and no longer held: that client may run instances. */
export const moveInstance = async (
  tx: Tx,
  id: string,
  owner: Pick<Instance, 'clientId' | 'projectId'>,
): Promise<void> => {
  await em(tx).update(instances, { id }, { ...owner, held: false, trafficBlocked: false, updatedAt: () => 'now()' });
  // The former client's times are not the new one's. SQL: a later area's tables.
  for (const schedules of ['power_schedule', 'backup_schedule'])
    await run(tx, `update ${schedules} set enabled = false where instance_id = $1 and enabled`, [id]);
};

/** An instance to be written. */
export interface NewInstance extends Pick<
  Instance,
  'id' | 'clientId' | 'projectId' | 'regionId' | 'flavorId' | 'imageId' | 'imageName' | 'osDistro' | 'name'
> {
  description: string | null;
  deleteProtection: boolean;
  networks: readonly string[];
  tags: readonly string[];
  operationId: string;
}
/** Writes a new instance, owned by the operation that builds it. */
export const insertInstance = async (tx: Tx, { networks, tags, ...one }: NewInstance): Promise<void> => {
  // SQL: prepared, and no columns are read back.
  await prepared(
    tx,
    `insert into instance (id, client_id, project_id, region_id, flavor_id, image_id, image_name, os_distro, name,
      description, delete_protection, operation_id, networks, tags, vm_state, task_state)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 'building', 'scheduling')`,
    [
      one.id,
      one.clientId,
      one.projectId,
      one.regionId,
      one.flavorId,
      one.imageId,
      one.imageName,
      one.osDistro,
      one.name,
      one.description,
      one.deleteProtection,
      one.operationId,
      networks,
      tags,
    ],
  );
};

export interface Changes {
  name?: string;
  description?: string | null;
  tags?: readonly string[];
  deleteProtection?: boolean;
}
/** What is left out stays as it is. */
export const updateInstance = async (tx: Tx, id: string, { tags, ...changes }: Changes): Promise<void> => {
  await em(tx).update(instances, { id }, { ...changes, ...(tags && { tags: [...tags] }), updatedAt: () => 'now()' });
};
export const setLock = async (
  tx: Tx,
  id: string,
  lock: { lockedBy: 'owner' | 'staff' | null; lockedReason?: string | null },
): Promise<void> => {
  await em(tx).update(instances, { id }, { ...lock, updatedAt: () => 'now()' });
};

const liveOf = (clientId: number) => ({ clientId, vmState: Not('deleted' as const) });
export const countInstancesOf = (q: Queryable, clientId: number): Promise<number> =>
  em(q).countBy(instances, liveOf(clientId));
export const listInstanceIdsOf = async (q: Queryable, clientId: number): Promise<string[]> =>
  (await em(q).find(instances, { select: { id: true }, where: liveOf(clientId), order: { id: 'asc' } })).map(
    ({ id }) => id,
  );
/** Marks the client's instances: they must not run, or they may run again. SQL: batched. */
export const holdInstancesOf = async (tx: Tx, clientId: number, held: boolean): Promise<void> => {
  await run(tx, `update instance set held = $2 where client_id = $1 and vm_state <> 'deleted' and held <> $2`, [
    clientId,
    held,
  ]);
};

/** Instances that are not deleted, by state. SQL: computed. */
export const countInstances = (q: Queryable): Promise<{ value: string; count: number }[]> =>
  sql(q, `select vm_state value, count(*)::int count from instance where vm_state <> 'deleted' group by 1`);
