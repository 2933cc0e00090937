import type { CloudCatalog } from '../../catalog/cloud-catalog.js';
import type { Service, Session } from './openstack-session.js';

/** What a catalog may have of one kind; more are left out. */
const MOST = 10_000;
interface NovaFlavor {
  id: string;
  name: string;
  vcpus: number;
  ram: number;
  disk: number;
  swap: number | '';
  'OS-FLV-EXT-DATA:ephemeral'?: number;
  'OS-FLV-DISABLED:disabled'?: boolean;
  'os-flavor-access:is_public'?: boolean;
}
interface GlanceImage {
  id: string;
  name: string | null;
  disk_format: string | null;
  container_format: string | null;
  min_disk: number;
  min_ram: number;
  size: number | null;
  os_distro?: string;
  os_version?: string;
  architecture?: string;
  hw_qemu_guest_agent?: string;
}
interface NeutronNetwork {
  id: string;
  name: string;
  shared: boolean;
  'router:external'?: boolean;
  admin_state_up: boolean;
  status: string;
  mtu?: number;
}
interface NeutronSubnet {
  id: string;
  network_id: string;
  name: string;
  cidr: string;
  gateway_ip: string | null;
}

/** What the cloud offers to all its projects: flavors, public images, shared and external networks. */
export const createCatalogReader = ({ call }: Session) => {
  /** All pages: of these three services a page ends with the id of its last thing. */
  const all = async <T extends { id: string }>(
    service: Service,
    path: string,
    key: string,
    query: Record<string, string | number>,
  ): Promise<T[]> => {
    const items: T[] = [];
    for (let marker: string | undefined; items.length < MOST;) {
      const { body } = await call<Record<string, T[]>>({
        service,
        method: 'GET',
        path,
        query: { ...query, limit: 500, ...(marker !== undefined && { marker }) },
      });
      const page = body[key] ?? [];
      items.push(...page);
      marker = page.at(-1)?.id;
      // A service may give fewer than asked for: the last page is empty.
      if (marker === undefined) break;
    }
    return items;
  };
  return async (): Promise<CloudCatalog> => {
    const flavors = await all<NovaFlavor>('compute', '/flavors/detail', 'flavors', { is_public: 'None' });
    const images = await all<GlanceImage>('image', '/images', 'images', { visibility: 'public', status: 'active' });
    const networks = await all<NeutronNetwork>('network', '/networks', 'networks', { sort_key: 'id', sort_dir: 'asc' });
    const subnets = await all<NeutronSubnet>('network', '/subnets', 'subnets', { sort_key: 'id', sort_dir: 'asc' });
    return {
      flavors: flavors.map((one) => ({
        backendId: one.id,
        name: one.name,
        vcpus: one.vcpus,
        memoryMb: one.ram,
        rootGb: one.disk,
        ephemeralGb: one['OS-FLV-EXT-DATA:ephemeral'] ?? 0,
        swapMb: Number(one.swap) || 0,
        isPublic: one['os-flavor-access:is_public'] !== false,
        disabled: one['OS-FLV-DISABLED:disabled'] === true,
      })),
      images: images.map((one) => ({
        backendId: one.id,
        name: one.name || one.id,
        diskFormat: one.disk_format,
        containerFormat: one.container_format,
        minDisk: one.min_disk,
        minRam: one.min_ram,
        size: one.size ?? 0,
        osDistro: one.os_distro ?? null,
        osVersion: one.os_version ?? null,
        architecture: one.architecture ?? null,
        guestAgent: /^(yes|true|1)$/i.test(one.hw_qemu_guest_agent ?? ''),
      })),
      networks: networks
        .filter((one) => one.shared || one['router:external'])
        .map((one) => ({
          backendId: one.id,
          name: one.name || one.id,
          shared: one.shared,
          external: one['router:external'] === true,
          adminStateUp: one.admin_state_up,
          status: one.status,
          mtu: one.mtu ?? 1500,
          subnets: subnets
            .filter(({ network_id: network }) => network === one.id)
            .map((subnet) => ({
              backendId: subnet.id,
              name: subnet.name,
              cidr: subnet.cidr,
              gatewayIp: subnet.gateway_ip,
            })),
        })),
    };
  };
};
