import { createHash } from 'node:crypto';
import type { FlavorGroupRow, FlavorRow, ImageRow, NetworkRow, RegionRow } from '../../catalog/domain/catalog.js';
import { displayStatus, displayTask } from '../../operations/instance-states.js';
import type { ShownInstance } from '../domain/instances.js';
import { localSeconds, localTime } from '../../local-time.js';
import type { OperationRow } from '../../operations/domain/operations.js';

/** Rows as the contract shows them (contract compute §6.2, §8.1, §10). `staff` decides what is told of hosts and of others. */
export interface Seen {
  staff: boolean;
  userId: number;
  zone: string;
}

export const regionView = (r: RegionRow) => ({
  id: r.id,
  enable_volumes: r.enable_volumes,
  description: r.description,
  enable_snapshots: r.enable_snapshots,
  enabled: r.enabled,
});

type FlavorPart = Pick<
  FlavorRow,
  | 'flavor_id'
  | 'flavor_name'
  | 'flavor_description'
  | 'flavor_region'
  | 'vcpus'
  | 'memory_mb'
  | 'root_gb'
  | 'ephemeral_gb'
  | 'swap_mb'
  | 'properties'
  | 'out_of_stock'
  | 'group_id'
  | 'group_name'
  | 'group_priority'
>;
const flavorView = (f: FlavorPart) => ({
  id: f.flavor_id,
  name: f.flavor_name,
  description: f.flavor_description ?? f.flavor_name,
  region: f.flavor_region,
  vcpus: f.vcpus,
  memory_mb: f.memory_mb,
  memory_gb: f.memory_mb / 1024,
  root_gb: f.root_gb,
  ephemeral_gb: f.ephemeral_gb,
  swap: f.swap_mb,
  properties: JSON.stringify(f.properties),
  out_of_stock: f.out_of_stock,
  // Resellers have no catalogues of their own yet.
  used_by_resellers: [],
  reseller_resources: null,
  flavor_group:
    f.group_id === null ? null : { id: f.group_id, name: f.group_name ?? '', priority: f.group_priority ?? 0 },
});
/** An end user learns nothing of other projects and of the stock. */
export const flavorDetailView = (f: FlavorRow, { staff }: Seen) => ({
  ...flavorView(f),
  is_public: f.is_public,
  disabled: f.disabled,
  ...(staff && { project_ids: f.project_ids, stock_limit: f.stock_limit, stock_used: f.stock_used }),
});
export const flavorGroupView = (g: FlavorGroupRow) => ({
  id: g.id,
  name: g.name,
  priority: g.priority,
  description: g.description,
});
/** Whose a public image or a shared network is, is not told to end users. */
export const imageView = (m: ImageRow, { staff, zone }: Seen) => ({
  id: m.id,
  name: m.name,
  status: m.status,
  visibility: m.visibility,
  min_disk: m.min_disk,
  min_ram: m.min_ram,
  size: Number(m.size),
  disk_format: m.disk_format,
  container_format: m.container_format,
  os_distro: m.os_distro,
  os_version: m.os_version,
  architecture: m.architecture,
  hw_qemu_guest_agent: m.hw_qemu_guest_agent,
  hypervisor_type: m.hypervisor_type,
  type: m.type,
  instance_uuid: m.instance_id,
  region: m.region_id,
  project_id: staff || m.visibility === 'private' ? m.project_id : null,
  protected: m.protected,
  created_at: localTime(m.created_at, zone),
  updated_at: localTime(m.updated_at, zone),
  tags: m.tags,
});
export const networkView = (n: NetworkRow, { staff }: Seen) => ({
  id: n.id,
  name: n.name,
  region: n.region_id,
  shared: n.shared,
  router_external: n.router_external,
  admin_state_up: n.admin_state_up,
  status: n.status,
  mtu: n.mtu,
  subnets: n.subnets,
  project_id: staff || !n.shared ? n.project_id : null,
  is_default: n.is_default,
});

const hostId = (projectId: string, host: string | null): string =>
  host === null
    ? ''
    : createHash('sha224')
        .update(projectId + host)
        .digest('hex');
export const instanceView = (i: ShownInstance, { staff, zone }: Seen) => ({
  id: i.id,
  uuid: i.id,
  name: i.name,
  description: i.description,
  status: i.vm_state,
  display_status: displayStatus(i.vm_state),
  display_task: displayTask(i.task_state),
  locked: i.locked_by !== null,
  booted_from_iso: i.booted_from_iso,
  created: localSeconds(i.created_at, zone),
  region: i.region_id,
  region_obj: {
    id: i.region_id,
    enable_volumes: i.region_enable_volumes,
    description: i.region_description,
    enable_snapshots: i.region_enable_snapshots,
    enabled: i.region_enabled,
  },
  flavor: flavorView(i),
  image: i.image_id,
  os_distro: i.os_distro,
  client: { id: i.client_id, name: i.client_name },
  access_ip: i.access_ip,
  host_name: staff ? i.host_name : null,
  hostId: hostId(i.project_id, i.host_name),
  // Traffic is not measured yet.
  current_month_traffic: 0,
  current_cycle_traffic: 0,
  allowed_actions: i.allowed_actions,
});

/** What may be told to end users of a fault; the rest could name hosts. */
const PLAIN_FAULTS = new Set(['no_capacity', 'quota', 'timeout', 'canceled']);
const faultView = (fault: ShownInstance['fault'], staff: boolean) =>
  fault && { ...fault, message: staff || PLAIN_FAULTS.has(fault.code) ? fault.message : 'The operation failed.' };
const addressesView = (addresses: ShownInstance['addresses']) => {
  const byNetwork: Record<string, Omit<ShownInstance['addresses'][number], 'network'>[]> = {};
  for (const { network, ...one } of addresses) (byNetwork[network] ??= []).push(one);
  return byNetwork;
};
export const instanceDetailView = (i: ShownInstance, seen: Seen) => {
  const time = (at: string | null): string | null => at && localTime(at, seen.zone);
  return {
    ...instanceView(i, seen),
    task_state: i.task_state,
    power_state: i.power_state,
    fault: faultView(i.fault, seen.staff),
    addresses: addressesView(i.addresses),
    volumes: [],
    security_groups: [],
    ssh_key: null,
    project_id: i.project_id,
    tags: i.tags,
    delete_protection: i.delete_protection,
    updated: localTime(i.updated_at, seen.zone),
    launched_at: time(i.launched_at),
    terminated_at: time(i.terminated_at),
  };
};

/** Who of the staff did something is not told to end users. */
export const operationView = (o: OperationRow, { staff, userId, zone }: Seen) => ({
  id: o.id,
  type: o.type,
  status: o.status,
  progress:
    o.status === 'completed'
      ? 100
      : Math.floor((100 * o.steps.filter((one) => one.status === 'completed').length) / Math.max(1, o.steps.length)),
  steps: o.steps,
  primary_object: { type: 'instance' as const, id: o.instance_id },
  created_by:
    o.created_by_id === null || !(staff || o.created_by_id === userId)
      ? null
      : { id: o.created_by_id, username: o.created_by_name ?? '' },
  created_at: localTime(o.created_at, zone),
  completed_at: o.completed_at && localTime(o.completed_at, zone),
  params: o.params,
  error: o.error && {
    code: o.error.code,
    message: staff || PLAIN_FAULTS.has(o.error.code) ? o.error.message : 'The operation failed.',
  },
  attempts: o.attempts,
  viewed: o.viewed,
  cancellable: o.status === 'pending' && o.attempts === 0,
});
