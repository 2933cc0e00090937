import {
  common,
  field,
  id,
  key,
  LABEL,
  LABELLED,
  named,
  ofProjects,
  TIMES,
  times,
  type ResourceStore,
} from './resource.js';

/** Ports, and interfaces of routers, which are ports in this API. */
const PORTS = `(select p.id, p.name, p.network_id, p.mac_address, p.instance_id, p.instance_id device, p.change,
    p.port_security, p.project_id, p.region_id, p.created_at, null::uuid router_id, null::uuid subnet_id,
    null::inet address from port p
  union all select f.port_id, '', s.network_id, null, null, f.router_id, null, false, r.project_id, r.region_id,
    r.created_at, f.router_id, f.subnet_id, s.gateway_ip
    from router_interface f join router r on r.id = f.router_id join subnet s on s.id = f.subnet_id) x`;
export const portStore: ResourceStore = {
  spec: {
    select: `x.id, x.name, x.network_id "networkId", x.mac_address "macAddress", x.instance_id "instanceId", x.change,
      x.router_id "routerId", x.port_security "portSecurity", x.project_id "projectId", x.region_id "regionId",
      i.host_name "hostName", ${LABEL}, ${TIMES},
      case when x.router_id is null then (select jsonb_agg(jsonb_build_object('subnet_id', a.subnet_id,
          'ip_address', host(a.address)) order by a.position, a.address) from network_address a where a.port_id = x.id)
        else jsonb_build_array(jsonb_build_object('subnet_id', x.subnet_id, 'ip_address', host(x.address)))
        end "fixedIps",
      array(select p.security_group_id from port_security_group p where p.port_id = x.id order by 1) groups`,
    from: `${PORTS} left join instance i on i.id = x.instance_id ${LABELLED}`,
    keys: {
      id,
      name: key('x.name'),
      network_id: key('x.network_id', 'uuid'),
      mac_address: key(`coalesce(x.mac_address, '')`),
      ...times,
    },
    id,
  },
  filters: {
    ...common,
    network_id: field('x.network_id', 'uuid'),
    mac_address: field('x.mac_address'),
    device_id: field('x.device', 'device'),
    device_owner: field(`case when x.router_id is not null then 'network:router_interface'
      when x.instance_id is null then '' else 'compute:' || x.region_id end`),
    status: field(`case when x.device is not null and x.change is null then 'ACTIVE' else 'DOWN' end`),
    admin_state_up: field('true', 'boolean'),
    port_security_enabled: field('x.port_security', 'boolean'),
    'binding:host_id': { ...field('i.host_name'), staff: true },
    'binding:vnic_type': field(`'normal'::text`),
  },
  scope: ofProjects(`(select id, project_id from port
    union all select f.port_id, r.project_id from router_interface f join router r on r.id = f.router_id)`),
};
export const routerStore: ResourceStore = {
  spec: {
    select: `x.id, x.name, x.status, x.external_network_id "externalNetworkId", x.project_id "projectId",
      x.region_id "regionId", ${LABEL}, ${TIMES}`,
    from: `router x ${LABELLED}`,
    keys: named,
    id,
  },
  filters: { ...common, status: field('x.status'), admin_state_up: field('true', 'boolean') },
  scope: ofProjects('router'),
};
/** The router that connects what a floating IP leads to; not that of another project, whose network it is. */
const ROUTER = `(select f.router_id from network_address a join router_interface f on f.subnet_id = a.subnet_id
    join router r on r.id = f.router_id
  where a.port_id = x.port_id and a.address = x.fixed_address and r.project_id = x.project_id order by 1 limit 1)`;
export const floatingStore: ResourceStore = {
  spec: {
    select: `x.id, host(x.address) address, x.network_id "networkId", x.port_id "portId",
      host(x.fixed_address) "fixedAddress", x.status, x.project_id "projectId", x.region_id "regionId",
      ${LABEL}, ${TIMES}, ${ROUTER} "routerId"`,
    from: `floating_ip x ${LABELLED}`,
    keys: { id, floating_ip_address: key(`coalesce(host(x.address), '')`), status: key('x.status'), ...times },
    id,
  },
  filters: {
    id: common.id,
    description: common.description,
    project_id: common.project_id,
    tenant_id: common.tenant_id,
    floating_ip_address: field('host(x.address)', 'ip'),
    fixed_ip_address: field('host(x.fixed_address)', 'ip'),
    floating_network_id: field('x.network_id', 'uuid'),
    port_id: field('x.port_id', 'uuid'),
    router_id: field(ROUTER, 'uuid'),
    revision_number: common.revision_number,
    status: field(`case when x.port_id is null then 'DOWN' else 'ACTIVE' end`),
  },
  scope: ofProjects('floating_ip'),
};
