import { LRUCache } from 'lru-cache';
import type {
  FloatingIpSpec,
  NetRef,
  NetworkAbilities,
  NetworkDriver,
  NetworkKind,
  SubnetSpec,
} from '../driver-networks.js';
import { NETWORK_KINDS } from '../driver-networks.js';
import type { createSecurityGroups } from './openstack-groups.js';
import { differing, isMarked, type Neutron, type Thing } from './openstack-neutron.js';
import type { createPorts, Port } from './openstack-ports.js';
import type { Projects } from './openstack-projects.js';
import { createRouters } from './openstack-routers.js';
import type { Servers } from './openstack-servers.js';

interface FloatingIp extends Thing {
  floating_ip_address: string;
  fixed_ip_address: string | null;
  port_id: string | null;
}
/** A list is read as a whole, since Neutron does not order by what the portal's id stands in; it is kept this long. */
const KEPT_MS = 60_000;

export const OPENSTACK_NETWORKS: NetworkAbilities = { capabilities: new Set(NETWORK_KINDS), addresses: 'driver' };

/** What of a subnet can be changed. */
const subnetFields = (spec: SubnetSpec) => ({
  name: spec.name,
  gateway_ip: spec.gatewayIp,
  enable_dhcp: spec.enableDhcp,
  dns_nameservers: spec.dnsNameservers,
  host_routes: spec.hostRoutes,
  // None are given: Neutron has made them of all addresses but the gateway's.
  ...(spec.pools.length && { allocation_pools: spec.pools }),
});

/** Networks, subnets, routers, ports, floating IPs and security groups of Neutron (contract compute §11.4). */
export const createNetworks = (
  neutron: Neutron,
  groups: ReturnType<typeof createSecurityGroups>,
  ports: ReturnType<typeof createPorts>,
  { servers, projects }: { servers: Servers; projects: Projects },
): NetworkDriver => {
  const routers = createRouters(neutron);
  const lists = new LRUCache<NetworkKind, NetRef[]>({ max: NETWORK_KINDS.length, ttl: KEPT_MS });
  /** Where a floating IP leads. */
  const targetOf = async ({ target }: FloatingIpSpec): Promise<Pick<FloatingIp, 'port_id' | 'fixed_ip_address'>> => {
    if (!target) return { port_id: null, fixed_ip_address: null };
    const { port, machine, mac, fixedIp } = target;
    const server = machine && mac !== null ? await servers.find(machine) : undefined;
    const known = await neutron.find<Port>('port', port);
    const [found] =
      known || !server || mac === null
        ? [known]
        : await neutron.listed<Port>('port', { device_id: server.id, mac_address: mac });
    return { port_id: found?.id ?? (await neutron.idOf('port', port)), fixed_ip_address: fixedIp };
  };
  return {
    ...OPENSTACK_NETWORKS,
    ensureNetwork: async (spec) => {
      const fields = {
        name: spec.name,
        admin_state_up: spec.adminStateUp,
        ...(spec.mtu !== null && { mtu: spec.mtu }),
      };
      const made = async () => ({ ...(await projects.ownerOf(spec.projectId)), ...fields });
      return (await neutron.ensure('network', spec, made, (found) => differing(found, fields))).id;
    },
    ensureSubnet: async (spec) => {
      const fields = subnetFields(spec);
      const made = async () => ({
        ...(await projects.ownerOf(spec.projectId)),
        network_id: await neutron.idOf('network', spec.network),
        cidr: spec.cidr,
        ip_version: spec.cidr.includes(':') ? 6 : 4,
        ...fields,
      });
      return (await neutron.ensure('subnet', spec, made, (found) => differing(found, fields))).id;
    },
    ensureRouter: async (spec) => routers.ensure(spec, await projects.ownerOf(spec.projectId)),
    ensureSecurityGroup: async (spec) => groups.ensure(spec, await projects.ownerOf(spec.projectId)),
    ensurePort: ports.ensure,
    ensureFloatingIp: async (spec) => {
      const target = await targetOf(spec);
      const made = async () => ({
        ...(await projects.ownerOf(spec.projectId)),
        floating_network_id: await neutron.idOf('network', spec.network),
        ...(spec.address !== null && { floating_ip_address: spec.address }),
        ...(target.port_id !== null && target),
      });
      const one = await neutron.ensure<FloatingIp>('floating_ip', spec, made, (found) => {
        if (!Object.keys(differing(found, target)).length) return {};
        return target.port_id === null ? { port_id: null } : target;
      });
      return { backendId: one.id, address: one.floating_ip_address };
    },
    remove: async (kind, { portalId, backendId }) => {
      const all = await neutron.marked(kind, portalId);
      const known = backendId === null ? undefined : await neutron.find(kind, { portalId, backendId });
      // Nothing without our mark is deleted: the catalog has networks that are the cloud's own.
      if (known && isMarked(known, portalId) && !all.some(({ id }) => id === known.id)) all.push(known);
      for (const { id } of all) {
        if (kind === 'router') await routers.clear(id);
        await neutron.erase(kind, id);
      }
    },
    list: async (kind, { after, limit }) => {
      const kept = after === null ? undefined : lists.get(kind);
      const all = kept ?? (await neutron.bearers(kind));
      lists.set(kind, all);
      return all.filter(({ portalId }) => after === null || portalId > after).slice(0, limit);
    },
  };
};
