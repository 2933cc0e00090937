import type { Viewer } from '../../access/api/viewer.js';
import { localTime } from '../../local-time.js';
import type { FlavorGroupRow, FlavorRow, ImageRow, NetworkRow, RegionRow } from '../domain/catalog.js';

/** Regions, flavors, images and networks as contract compute §8.1 shows them. */
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
/** A flavor with its group: the part that lists, pages and instances share. */
export const flavorView = (f: FlavorPart) => ({
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
export const flavorDetailView = (f: FlavorRow, { staff }: Viewer) => ({
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
export const imageView = (m: ImageRow, { staff, zone }: Viewer) => ({
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
export const networkView = (n: NetworkRow, { staff }: Viewer) => ({
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
