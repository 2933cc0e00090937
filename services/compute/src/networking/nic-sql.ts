/** SQL of a port p on a network n as an interface for the driver (`NicSpec`). */
export const NIC = `jsonb_strip_nulls(jsonb_build_object('networkId', n.id, 'networkName', n.name,
    'networkBackendId', n.backend_id, 'portId', p.id, 'portBackendId', p.backend_id, 'mac', p.mac_address,
    'fixedIps', (select jsonb_agg(host(a.address) order by a.position, family(a.address), a.address)
      from network_address a where a.port_id = p.id),
    'securityGroups', (select jsonb_agg(coalesce(g.backend_id, text(g.id)) order by g.id)
      from port_security_group x join security_group g on g.id = x.security_group_id where x.port_id = p.id)))
  || jsonb_build_object('cidr', null)
  || coalesce((select jsonb_build_object('cidr', text(s.cidr), 'gatewayIp', host(s.gateway_ip),
      'pools', s.allocation_pools)
    from subnet s where s.network_id = n.id order by family(s.cidr), s.cidr, s.id limit 1), '{}')`;
/** What it becomes. */
export interface NicRow {
  networkId: string;
  networkName: string;
  networkBackendId?: string;
  portId: string;
  portBackendId?: string;
  mac?: string;
  fixedIps?: string[];
  securityGroups?: string[];
  cidr: string | null;
  gatewayIp?: string | null;
  pools?: { start: string; end: string }[];
}
