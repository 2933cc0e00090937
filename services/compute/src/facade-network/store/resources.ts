import { type Queryable } from '@nefos/service-kit';
import { idsOfClients, partsVisibleTo } from '../../catalog/visible-sql.js';
import { keysetPage, type KeysetPage, type KeysetRequest, type KeysetSpec } from '../../lists/keyset.js';
import type { Condition } from '../../lists/list-query.js';

/** How an attribute is filtered by: its SQL, and the type that a value must have. */
export interface FilterField {
  sql: string;
  /** `device`: a uuid; an empty text is none. `prefix`: a network, named by any address in it. */
  type: 'text' | 'uuid' | 'boolean' | 'int' | 'project' | 'device' | 'ip' | 'cidr' | 'prefix';
  /** Only administrators are shown the attribute, so only they may ask by it. */
  staff?: true;
}
export interface ResourceStore {
  spec: KeysetSpec;
  filters: Readonly<Record<string, FilterField>>;
  /** What a caller sees, in parts that have no row in common: of these clients' projects; null: everything. */
  scope: (clientIds: readonly number[] | null) => Condition[];
}
/** Labels as every resource has them; the row is x. */
const LABEL = `coalesce(l.description, '') description, coalesce(l.tags, '{}') tags, coalesce(l.revision, 0) revision`;
const LABELLED = 'left join network_label l on l.id = x.id';
const key = (sql: string, type = 'text') => ({ sql, type });
const id = key('x.id', 'uuid');
const field = (sql: string, type: FilterField['type'] = 'text'): FilterField => ({ sql, type });
/** What the projects of these clients have of a table. */
const ofProjects =
  (table: string, x = 'x') =>
  (clientIds: readonly number[] | null): Condition[] =>
    clientIds ? [idsOfClients(table, clientIds, x)] : [];
const common = {
  id: field('x.id', 'uuid'),
  name: field('x.name'),
  description: field(`coalesce(l.description, '')`),
  project_id: field('x.project_id', 'project'),
  tenant_id: field('x.project_id', 'project'),
  revision_number: field('coalesce(l.revision, 0)', 'int'),
} as const;
const TIMES = `x.created_at "createdAt", coalesce(l.updated_at, x.created_at) "updatedAt"`;
const times = {
  created_at: key('x.created_at', 'timestamptz'),
  updated_at: key('coalesce(l.updated_at, x.created_at)', 'timestamptz'),
} as const;
const named = {
  id,
  name: key('x.name'),
  status: key('x.status'),
  project_id: key(`coalesce(x.project_id, '')`),
  ...times,
} as const;

/** What no thing has: nothing is found by it. */
const NONE = field('null::text');

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
const RULE = `jsonb_build_object('id', r.id, 'securityGroupId', r.security_group_id, 'direction', r.direction,
  'ethertype', r.ethertype, 'protocol', r.protocol, 'portMin', r.port_min, 'portMax', r.port_max,
  'remotePrefix', r.remote_prefix, 'remoteGroupId', r.remote_group_id, 'description', coalesce(m.description, ''),
  'tags', coalesce(m.tags, '{}'), 'revision', coalesce(m.revision, 0), 'createdAt', r.created_at,
  'updatedAt', coalesce(m.updated_at, r.created_at))`;
export const groupStore: ResourceStore = {
  spec: {
    select: `x.id, x.name, coalesce(nullif(l.description, ''), x.description) description,
      coalesce(l.tags, '{}') tags, coalesce(l.revision, 0) revision, x.project_id "projectId", x.region_id "regionId",
      x.is_default "isDefault", ${TIMES}, (select jsonb_agg(${RULE} order by r.created_at, r.id)
        from security_group_rule r left join network_label m on m.id = r.id where r.security_group_id = x.id) rules`,
    from: `security_group x ${LABELLED}`,
    keys: { id, name: key('x.name'), project_id: key('x.project_id'), ...times },
    id,
  },
  filters: {
    ...common,
    description: field('x.description'),
    stateful: field('true', 'boolean'),
    shared: field('false', 'boolean'),
  },
  scope: ofProjects('security_group'),
};
export const ruleStore: ResourceStore = {
  spec: {
    select: `x.id, x.security_group_id "securityGroupId", x.direction, x.ethertype, x.protocol, x.port_min "portMin",
      x.port_max "portMax", x.remote_prefix::text "remotePrefix", x.remote_group_id "remoteGroupId",
      ${TIMES}, g.project_id "projectId", ${LABEL}`,
    from: `security_group_rule x join security_group g on g.id = x.security_group_id ${LABELLED}`,
    keys: { id, direction: key('x.direction'), ethertype: key('x.ethertype'), ...times },
    id,
  },
  filters: {
    id: common.id,
    revision_number: common.revision_number,
    description: common.description,
    project_id: field('g.project_id', 'project'),
    tenant_id: field('g.project_id', 'project'),
    security_group_id: field('x.security_group_id', 'uuid'),
    direction: field('x.direction'),
    ethertype: field('x.ethertype'),
    protocol: field('x.protocol'),
    port_range_min: field('x.port_min', 'int'),
    port_range_max: field('x.port_max', 'int'),
    remote_ip_prefix: field('x.remote_prefix::text', 'prefix'),
    remote_group_id: field('x.remote_group_id', 'uuid'),
  },
  scope: ofProjects('security_group', 'g'),
};

export const pageOf = <Row extends object>(
  q: Queryable,
  { spec, scope }: ResourceStore,
  request: KeysetRequest,
  clientIds: readonly number[] | null,
): Promise<KeysetPage<Row> | 'no_marker'> => keysetPage<Row>(q, spec, request, [], { parts: scope(clientIds) });
