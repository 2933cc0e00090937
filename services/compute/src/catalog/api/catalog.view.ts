import type { Viewer } from '../../access/api/viewer.js';
import { compute } from '@nefos/contracts';
import { poolsOf } from '../address-plan.js';
import type { FlavorGroup, FlavorWithStock, NetworkWithSubnets, Region, Subnet } from '../domain/catalog.js';
import type { FlavorColumns } from '../flavor-columns.js';

/** Regions, flavors and networks as contract compute §8.1 shows them. */
export const regionView = (r: Region, { staff }: Viewer) => ({
  id: r.id,
  enable_volumes: r.enableVolumes,
  description: r.description,
  enable_snapshots: r.enableSnapshots,
  enabled: r.enabled,
  ...(staff && { driver: r.driver }),
});

/** A flavor with its group: the part that flavors and instances share. */
export const flavorView = (f: FlavorColumns) => ({
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
  // Resellers have no catalogs of their own yet.
  used_by_resellers: [],
  reseller_resources: null,
  flavor_group: f.groupId === null ? null : { id: f.groupId, name: f.groupName ?? '', priority: f.groupPriority ?? 0 },
});
/** Other projects and the stock are shown to staff only. */
export const flavorDetailView = (f: FlavorWithStock, { staff }: Viewer) => ({
  ...flavorView(f),
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
/** The project of a shared network is shown to staff only. */
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
/** Pools are shown as they work: where none was named, all addresses around the gateway. */
export const subnetView = (s: Subnet) => ({
  id: s.id,
  name: s.name,
  network_id: s.networkId,
  cidr: s.cidr,
  ip_version: compute.parseCidr(s.cidr)?.version ?? 4,
  gateway_ip: s.gatewayIp,
  enable_dhcp: s.enableDhcp,
  dns_nameservers: s.dnsNameservers,
  allocation_pools: poolsOf(s).map(({ start, end }) => ({ start, end })),
  host_routes: s.hostRoutes,
});
