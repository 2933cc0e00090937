import { sql, type Queryable } from '@nefos/service-kit';

// Things as a driver is to make them (ports/driver-networks.ts), each read in one statement. SQL: they become JSON
// there.

const ref = (alias: string): string => `jsonb_build_object('portalId', ${alias}.id, 'backendId', ${alias}.backend_id)`;
const one = async (q: Queryable, select: string, id: string): Promise<unknown> =>
  (await sql<{ spec: object }>(q, select, [id]))[0]?.spec;

export const findNetworkSpec = (q: Queryable, id: string): Promise<unknown> =>
  one(
    q,
    `select ${ref('n')} || jsonb_build_object('projectId', n.project_id, 'name', n.name,
      'adminStateUp', n.admin_state_up, 'mtu', n.mtu) spec from network n where n.id = $1 and n.managed`,
    id,
  );
export const findSubnetSpec = (q: Queryable, id: string): Promise<unknown> =>
  one(
    q,
    `select ${ref('s')} || jsonb_build_object('projectId', n.project_id, 'network', ${ref('n')}, 'name', s.name,
      'cidr', text(s.cidr), 'gatewayIp', host(s.gateway_ip), 'enableDhcp', s.enable_dhcp,
      'dnsNameservers', s.dns_nameservers, 'pools', s.allocation_pools, 'hostRoutes', s.host_routes) spec
    from subnet s join network n on n.id = s.network_id where s.id = $1 and n.managed`,
    id,
  );
export const findRouterSpec = (q: Queryable, id: string): Promise<unknown> =>
  one(
    q,
    `select ${ref('r')} || jsonb_build_object('projectId', r.project_id, 'name', r.name,
      'external', case when n.id is not null then ${ref('n')} end,
      'subnets', (select coalesce(jsonb_agg(${ref('s')} order by s.id), '[]') from router_interface i
        join subnet s on s.id = i.subnet_id where i.router_id = r.id)) spec
    from router r left join network n on n.id = r.external_network_id where r.id = $1`,
    id,
  );
export const findPortSpec = (q: Queryable, id: string): Promise<unknown> =>
  one(
    q,
    `select ${ref('p')} || jsonb_build_object('projectId', p.project_id, 'network', ${ref('n')}, 'name', p.name,
      'mac', p.mac_address,
      'fixedIps', (select jsonb_agg(jsonb_build_object('address', host(a.address), 'subnet',
          jsonb_build_object('portalId', coalesce(s.id, p.network_id), 'backendId', s.backend_id))
          order by a.position, a.address)
        from network_address a left join subnet s on s.id = a.subnet_id where a.port_id = p.id),
      'securityGroups', case when p.groups_known then (select coalesce(jsonb_agg(${ref('g')} order by g.id), '[]')
        from port_security_group x join security_group g on g.id = x.security_group_id where x.port_id = p.id) end,
      'machine', case when i.id is not null then
        jsonb_build_object('portalId', i.id, 'backendId', i.backend_id) end) spec
    from port p join network n on n.id = p.network_id left join instance i on i.id = p.instance_id where p.id = $1`,
    id,
  );
export const findFloatingIpSpec = (q: Queryable, id: string): Promise<unknown> =>
  one(
    q,
    `select ${ref('f')} || jsonb_build_object('projectId', f.project_id, 'network', ${ref('n')},
      'address', host(f.address), 'target', case when p.id is not null then jsonb_build_object(
        'port', ${ref('p')}, 'mac', p.mac_address, 'fixedIp', host(f.fixed_address), 'machine',
        case when i.id is not null then jsonb_build_object('portalId', i.id, 'backendId', i.backend_id) end) end) spec
    from floating_ip f join network n on n.id = f.network_id left join port p on p.id = f.port_id
      left join instance i on i.id = p.instance_id where f.id = $1`,
    id,
  );
export const findSecurityGroupSpec = (q: Queryable, id: string): Promise<unknown> =>
  one(
    q,
    `select ${ref('g')} || jsonb_build_object('projectId', g.project_id, 'name', g.name, 'description', g.description,
      'rules', (select coalesce(jsonb_agg(jsonb_build_object('portalId', r.id, 'direction', r.direction,
          'ethertype', r.ethertype, 'protocol', r.protocol, 'portMin', r.port_min, 'portMax', r.port_max,
          'remotePrefix', text(r.remote_prefix), 'remoteGroup', case when o.id is not null then ${ref('o')} end)
          order by r.created_at, r.id), '[]')
        from security_group_rule r left join security_group o on o.id = r.remote_group_id
        where r.security_group_id = g.id)) spec
    from security_group g where g.id = $1`,
    id,
  );
