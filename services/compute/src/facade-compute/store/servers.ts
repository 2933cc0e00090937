import { columns, perDatabase, prepared, sql, together, type Db, type Queryable } from '@nefos/service-kit';
import {
  keysetPage,
  MOST_ROWS,
  ofClients,
  type KeysetPage,
  type KeysetRequest,
  type KeysetSpec,
} from '../../lists/keyset.js';
import type { Condition } from '../../lists/list-query.js';
import { instances, type Instance } from '../../operations/tables.js';
import { serverRecords, type ServerRecord } from '../tables.js';

const OWN = [
  'id',
  'name',
  'description',
  'vmState',
  'taskState',
  'powerState',
  'lockedBy',
  'lockedReason',
  'createdAt',
  'updatedAt',
  'launchedAt',
  'terminatedAt',
  'regionId',
  'imageId',
  'projectId',
  'clientId',
  'accessIp',
  'hostName',
  'backendId',
  'fault',
  'addresses',
  'tags',
  'flavorId',
] as const;
const RECORD = [
  'userId',
  'metadata',
  'keyName',
  'hostname',
  'configDrive',
  'accessIpv4',
  'accessIpv6',
  'reservationId',
] as const;
type Recorded = { [K in (typeof RECORD)[number]]: ServerRecord[K] | null };
/** An instance as the compute API shows it. */
export interface ServerRow extends Pick<Instance, (typeof OWN)[number]>, Recorded {
  flavorName: string | null;
  vcpus: number;
  memoryMb: number;
  rootGb: number;
  ephemeralGb: number;
  swapMb: number;
  properties: Record<string, string> | null;
  /** Attached volumes, the boot disk first. */
  volumes: { id: string; keep: boolean }[] | null;
  /** Names of security groups. */
  groups: string[] | null;
  floating: { network: string; address: string; mac: string | null }[] | null;
}
const FROM = `instance i left join flavor f on f.id = i.flavor_id left join server_record s on s.instance_id = i.id`;
const SELECT = `${columns(instances, 'i', OWN)}, ${columns(serverRecords, 's', RECORD)}, f.name "flavorName", f.vcpus,
  f.memory_mb "memoryMb", f.root_gb "rootGb", f.ephemeral_gb "ephemeralGb", f.swap_mb "swapMb", f.properties,
  (select jsonb_agg(jsonb_build_object('id', a.volume_id, 'keep', not a.delete_on_termination)
      order by not a.boot, a.created_at, a.id)
    from volume_attachment a where a.instance_id = i.id) volumes,
  (select array_agg(distinct g.name) from port p join port_security_group x on x.port_id = p.id
    join security_group g on g.id = x.security_group_id where p.instance_id = i.id) groups,
  (select jsonb_agg(jsonb_build_object('network', n.name, 'address', host(o.address), 'mac', p.mac_address)
      order by o.created_at, o.id)
    from port p join floating_ip o on o.port_id = p.id join network n on n.id = p.network_id
    where p.instance_id = i.id and o.address is not null) floating`;
/** Keys of texts and ids that may be null. */
const textKeys = (columns: Readonly<Record<string, string>>): KeysetSpec['keys'] =>
  Object.fromEntries(
    Object.entries(columns).map(([name, column]) => [name, { sql: `coalesce(${column}::text, '')`, type: 'text' }]),
  );
const spec: KeysetSpec = {
  select: SELECT,
  from: FROM,
  keys: {
    created_at: { sql: 'i.created_at', type: 'timestamptz' },
    updated_at: { sql: 'i.updated_at', type: 'timestamptz' },
    display_name: { sql: 'i.name', type: 'text' },
    vm_state: { sql: 'i.vm_state', type: 'text' },
    uuid: { sql: 'i.id', type: 'uuid' },
    project_id: { sql: 'i.project_id', type: 'text' },
    power_state: { sql: 'i.power_state', type: 'smallint' },
    launched_at: { sql: `coalesce(i.launched_at, '-infinity')`, type: 'timestamptz' },
    terminated_at: { sql: `coalesce(i.terminated_at, '-infinity')`, type: 'timestamptz' },
    locked: { sql: '(i.locked_by is not null)', type: 'boolean' },
    config_drive: { sql: 'coalesce(s.config_drive, false)', type: 'boolean' },
    ...textKeys({
      task_state: 'i.task_state',
      display_description: 'i.description',
      availability_zone: 'i.region_id',
      host: 'i.host_name',
      locked_by: 'i.locked_by',
      image_ref: 'i.image_id',
      instance_type_id: 'i.flavor_id',
      user_id: 's.user_id',
      key_name: 's.key_name',
      hostname: 's.hostname',
      access_ip_v4: 's.access_ipv4',
      access_ip_v6: 's.access_ipv6',
    }),
  },
  id: { sql: 'i.id', type: 'uuid' },
};
/** Names of the same keys that clients also use, and those of what all servers have in common. */
const KEY_NAMES: Readonly<Record<string, string>> = {
  name: 'display_name',
  id: 'uuid',
  created: 'created_at',
  node: 'host',
  auto_disk_config: 'uuid',
  kernel_id: 'uuid',
  launch_index: 'uuid',
  progress: 'uuid',
  ramdisk_id: 'uuid',
  root_device_name: 'uuid',
};
/** The key of a name; undefined: there is none. */
export const sortKeyOf = (name: string): string | undefined => {
  const key = KEY_NAMES[name] ?? name;
  return Object.hasOwn(spec.keys, key) ? key : undefined;
};
/** @param clientIds whose servers; null: everybody's */
const scopeOf = (clientIds: readonly number[] | null): Condition[] =>
  clientIds ? [ofClients('i.client_id', clientIds)] : [];

export const NOT_DELETED: Condition = { sql: `i.vm_state <> 'deleted'`, values: [] };
/** The first page as clients ask for it that ask for nothing else. Planning it takes longer than reading it. */
const isUsual = ({ limit, marker, sort, conditions }: KeysetRequest): boolean =>
  limit === MOST_ROWS &&
  marker === undefined &&
  sort.length === 1 &&
  sort[0]?.key === 'created_at' &&
  conditions.every((one) => one === NOT_DELETED);
/** A page of servers; what is deleted is among them unless a condition says otherwise. */
export const pageOfServers = (
  q: Queryable,
  request: KeysetRequest,
  clientIds: readonly number[] | null,
): Promise<KeysetPage<ServerRow> | 'no_marker'> =>
  keysetPage<ServerRow>(q, spec, request, scopeOf(clientIds), { kept: isUsual(request) });

const BY_ID = `select ${SELECT} from ${FROM} where i.vm_state <> 'deleted' and i.id`;
/**
 * Servers that are looked up at the same time are read by one statement. One alone has a statement of its own: of an
 * array PostgreSQL expects ten rows, so that it plans anew each time, which takes longer than reading. SQL: joins.
 */
const lookUp = perDatabase((db) =>
  together(
    async (ids: readonly string[]) => {
      const different = [...new Set(ids)];
      const [only, ...others] = different;
      const rows = await (others.length
        ? prepared<ServerRow>(db, `${BY_ID} = any($1::uuid[])`, [different])
        : prepared<ServerRow>(db, `${BY_ID} = $1::uuid`, [only]));
      const byId = new Map(rows.map((row) => [row.id, row]));
      return ids.map((id) => byId.get(id));
    },
    { atOnce: 2 },
  ),
);
/** One that is not deleted. @param clientIds whose server; null: anybody's */
export const findServer = async (
  db: Db,
  id: string,
  clientIds: readonly number[] | null,
): Promise<ServerRow | undefined> => {
  const row = await lookUp(db)(id);
  return row && (clientIds === null || clientIds.includes(row.clientId)) ? row : undefined;
};
/** The region of a flavor. */
export const regionOfFlavor = async (q: Queryable, id: string): Promise<string | undefined> =>
  (await sql<{ regionId: string }>(q, 'select region_id "regionId" from flavor where id = $1', [id]))[0]?.regionId;
/** Networks in a region that a project may put a server on without naming one: its own, else shared ones. */
export const networksToUse = async (q: Queryable, regionId: string, projectId: string): Promise<string[]> => {
  const rows = await sql<{ id: string; own: boolean }>(
    q,
    `select id, project_id = $2 is true own from network
    where region_id = $1 and not router_external and (project_id = $2 or shared)
    order by is_default desc, id limit 100`,
    [regionId, projectId],
  );
  const own = rows.filter((one) => one.own);
  return (own.length ? own : rows).map(({ id }) => id);
};
