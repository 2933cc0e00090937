import { partsVisibleTo } from '../../catalog/visible-sql.js';
import { common, field, id, key, LABEL, LABELLED, named, NONE, TIMES, times, type ResourceStore } from './resource.js';

export const networkStore: ResourceStore = {
  spec: {
    select: `x.id, x.name, x.status, x.admin_state_up "adminStateUp", x.shared, x.router_external external, x.mtu,
      x.project_id "projectId", x.region_id "regionId", x.is_default "isDefault", ${LABEL}, ${TIMES},
      array(select s.id from subnet s where s.network_id = x.id order by s.id) subnets`,
    from: `network x ${LABELLED}`,
    keys: { ...named, mtu: key('x.mtu', 'int') },
    id,
  },
  filters: {
    ...common,
    status: field('x.status'),
    shared: field('x.shared', 'boolean'),
    admin_state_up: field('x.admin_state_up', 'boolean'),
    'router:external': field('x.router_external', 'boolean'),
    mtu: field('x.mtu', 'int'),
    port_security_enabled: field('true', 'boolean'),
    is_default: field('x.is_default', 'boolean'),
  },
  scope: (clientIds) => (clientIds ? partsVisibleTo(clientIds, 'x') : []),
};
export const subnetStore: ResourceStore = {
  spec: {
    select: `x.id, x.name, x.network_id "networkId", x.cidr::text cidr, host(x.gateway_ip) "gatewayIp",
      family(x.cidr) version, x.enable_dhcp "enableDhcp", x.dns_nameservers "dnsNameservers",
      x.allocation_pools "allocationPools", x.host_routes "hostRoutes", n.project_id "projectId",
      n.region_id "regionId", ${LABEL}, ${TIMES}`,
    from: `subnet x join network n on n.id = x.network_id ${LABELLED}`,
    keys: { id, name: key('x.name'), cidr: key('x.cidr', 'cidr'), network_id: key('x.network_id', 'uuid'), ...times },
    id,
  },
  filters: {
    ...common,
    project_id: field('n.project_id', 'project'),
    tenant_id: field('n.project_id', 'project'),
    network_id: field('x.network_id', 'uuid'),
    cidr: field('x.cidr::text', 'cidr'),
    gateway_ip: field('host(x.gateway_ip)', 'ip'),
    ip_version: field('family(x.cidr)', 'int'),
    enable_dhcp: field('x.enable_dhcp', 'boolean'),
    shared: field('n.shared', 'boolean'),
    'router:external': field('n.router_external', 'boolean'),
    subnetpool_id: NONE,
    segment_id: NONE,
    ipv6_ra_mode: NONE,
    ipv6_address_mode: NONE,
    service_types: NONE,
  },
  scope: (clientIds) => (clientIds ? partsVisibleTo(clientIds, 'n') : []),
};
