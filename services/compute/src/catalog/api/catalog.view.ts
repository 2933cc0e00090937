import type { Viewer } from '../../access/api/viewer.js';
import { localTime } from '../../local-time.js';
import type { FlavorGroup, FlavorWithStock, Image, NetworkWithSubnets, Region } from '../domain/catalog.js';
import type { FlavorColumns } from '../flavor-columns.js';

/** Regions, flavors, images and networks as contract compute §8.1 shows them. */
export const regionView = (r: Region) => ({
  id: r.id,
  enable_volumes: r.enableVolumes,
  description: r.description,
  enable_snapshots: r.enableSnapshots,
  enabled: r.enabled,
});

/**
 * A flavor with its group: the part that flavors and instances share. Which resellers offer it is shown to staff only.
 */
export const flavorView = (f: FlavorColumns, { staff }: Pick<Viewer, 'staff'>) => ({
  id: f.flavorId,
  name: f.flavorName,
  description: f.flavorDescription ?? f.flavorName,
  region: f.flavorRegion,
  vcpus: f.vcpus,
  memory_mb: f.memoryMb,
  memory_gb: f.memoryMb / 1024,
  root_gb: f.rootGb,
  ephemeral_gb: f.ephemeralGb,
  swap: f.swapMb,
  properties: JSON.stringify(f.properties),
  out_of_stock: f.outOfStock,
  used_by_resellers: staff ? f.usedByResellers : [],
  reseller_resources: f.resellerResources,
  flavor_group: f.groupId === null ? null : { id: f.groupId, name: f.groupName ?? '', priority: f.groupPriority ?? 0 },
});
/** Other projects and the stock are shown to staff only. */
export const flavorDetailView = (f: FlavorWithStock, { staff }: Viewer) => ({
  ...flavorView(f, { staff }),
  is_public: f.isPublic,
  disabled: f.disabled,
  ...(staff && { project_ids: f.projectIds, stock_limit: f.stockLimit, stock_used: f.stockUsed }),
});
export const flavorGroupView = (g: FlavorGroup) => ({
  id: g.id,
  name: g.name,
  priority: g.priority,
  description: g.description,
});
/** The project of a public image or a shared network is shown to staff only. */
export const imageView = (m: Image, { staff, zone }: Viewer) => ({
  id: m.id,
  name: m.name,
  status: m.status,
  visibility: m.visibility,
  min_disk: m.minDisk,
  min_ram: m.minRam,
  size: Number(m.size),
  disk_format: m.diskFormat,
  container_format: m.containerFormat,
  os_distro: m.osDistro,
  os_version: m.osVersion,
  architecture: m.architecture,
  hw_qemu_guest_agent: m.hwQemuGuestAgent,
  hypervisor_type: m.hypervisorType,
  type: m.type,
  instance_uuid: m.instanceId,
  region: m.regionId,
  project_id: staff || m.visibility === 'private' ? m.projectId : null,
  protected: m.protected,
  created_at: localTime(m.createdAt, zone),
  updated_at: localTime(m.updatedAt, zone),
  tags: m.tags,
});
export const networkView = (n: NetworkWithSubnets, { staff }: Viewer) => ({
  id: n.id,
  name: n.name,
  region: n.regionId,
  shared: n.shared,
  router_external: n.routerExternal,
  admin_state_up: n.adminStateUp,
  status: n.status,
  mtu: n.mtu,
  subnets: n.subnets,
  project_id: staff || !n.shared ? n.projectId : null,
  is_default: n.isDefault,
});
