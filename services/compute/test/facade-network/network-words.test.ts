import { randomUUID } from 'node:crypto';
import { sql } from '@nefos/service-kit';
import { NETWORK, useCloud } from '../cloud-support.js';
import { useFaces } from '../facade/face-support.js';
import { SINGULAR, useNetwork, V, type NeutronFault } from './face-network-support.js';

describe("the network API's own words", () => {
  const cloud = useCloud();
  const { service } = cloud;
  const face = useFaces(service);
  const nets = useNetwork(service, face);
  const { make, list, get, refused, unique } = nets;

  it.each([
    ['networks', { mtu: 'x' }, "Invalid input for mtu. Reason: 'x' is not an integer."],
    ['networks', { mtu: '10' }, "Invalid input for mtu. Reason: '10' is too small - must be at least '68'."],
    ['networks', { admin_state_up: 'perhaps' }, /'perhaps' cannot be converted to boolean\.$/],
    ['networks', { status: 'ACTIVE' }, "Attribute 'status' not allowed in POST"],
    ['networks', { port_security_enabled: false }, /^Invalid input for port_security_enabled/],
    ['networks', { name: 'x'.repeat(256) }, /exceeds maximum length of 255\.$/],
    ['subnets', { network_id: 'private', cidr: '10.0.0.0/24' }, /network_id. Reason: 'private' is not a valid UUID\.$/],
    [
      'subnets',
      { network_id: NETWORK, cidr: '10.0.0.0/33' },
      /cidr. Reason: '10.0.0.0\/33' is not a valid IP subnet\.$/,
    ],
    [
      'subnets',
      { network_id: NETWORK, cidr: '10.0.0.5/24' },
      /cidr. Reason: '10.0.0.5\/24' isn't a recognized IP subnet cidr, '10.0.0.0\/24' is recommended\.$/,
    ],
    ['subnets', { network_id: NETWORK, cidr: '2001:db8::5/64' }, /'2001:db8::\/64' is recommended\.$/],
    ['subnets', { network_id: NETWORK, cidr: '10.0.0.5' }, /'10.0.0.5\/32' is recommended\.$/],
    ['subnets', { network_id: NETWORK, cidr: '010.0.0.0/24' }, /is not a valid IP subnet\.$/],
    [
      'subnets',
      { network_id: NETWORK, cidr: '10.0.0.0/24', host_routes: [{ destination: '10.7.0.9/16', nexthop: '10.0.0.9' }] },
      /^Invalid input for host_routes. Reason: '10.7.0.9\/16' isn't a recognized IP subnet cidr/,
    ],
    [
      'subnets',
      { network_id: NETWORK, cidr: '10.0.0.0/24', allocation_pools: [{ start: '10.0.0.2/24', end: '10.0.0.9' }] },
      /'10.0.0.2\/24' is not a valid IP address\.$/,
    ],
    ['subnets', { network_id: NETWORK, cidr: '10.0.0.0/24', gateway_ip: 'fe80::1%eth0' }, /not a valid IP address\.$/],
    ['subnets', { network_id: NETWORK, cidr: '10.0.0.0/24', gateway_ip: 'x' }, /'x' is not a valid IP address\.$/],
    ['subnets', { network_id: NETWORK, cidr: '10.0.0.0/24', host_routes: 'x' }, /'x' is not a list\.$/],
    ['subnets', { network_id: NETWORK, cidr: '10.0.0.0/24', ipv6_ra_mode: 'slaac' }, /^Invalid input for ipv6_ra_mode/],
    ['subnets', { network_id: NETWORK, cidr: '10.0.0.0/24', allocation_pools: [{ start: '10.0.0.2', x: 1 }] }, /pools/],
    ['subnets', { network_id: NETWORK, cidr: '10.0.0.0/24', dns_nameservers: Array(6).fill('9.9.9.9') }, /than 5/],
    ['ports', { network_id: NETWORK, 'binding:vnic_type': 'direct' }, /'direct' is not in \['normal'\]\.$/],
    ['ports', { network_id: NETWORK, fixed_ips: [] }, /^Invalid input for fixed_ips/],
    ['ports', { network_id: NETWORK, fixed_ips: [{ ip_address: '10.0.0' }] }, /'10.0.0' is not a valid IP address\.$/],
    ['ports', { network_id: NETWORK, device_owner: 'network:dhcp' }, /^Invalid input for device_owner/],
    ['ports', { network_id: NETWORK, mac_address: 'fa:16:3e:00:00:01' }, /^Invalid input for mac_address/],
    ['ports', { network_id: NETWORK, allowed_address_pairs: [{}] }, /^Invalid input for allowed_address_pairs/],
    ['routers', { admin_state_up: false }, /^Invalid input for admin_state_up/],
    ['routers', { external_gateway_info: { network_id: NETWORK, enable_snat: false } }, /^Invalid input for external/],
    ['routers', { ha: true }, /^Invalid input for ha/],
    ['security-groups', { name: 'x', stateful: false }, /^Invalid input for stateful/],
  ])('400: %s %j', async (path, attributes, words) => {
    const { type, message } = await refused(path, attributes, 400);
    expect(type).toBe('HTTPBadRequest');
    expect(message).toEqual(typeof words === 'string' ? words : (expect.stringMatching(words) as string));
  });
  it.each([
    ['networks', 'availability_zone_hints', ['Region1']],
    ['networks', 'created_at', 'x'],
    ['subnets', 'cidr', '10.0.0.0/24'],
    ['ports', 'network_id', NETWORK],
  ])('400: %s: %s stays as it is', async (path, name, value) => {
    const { network } = await nets.net();
    const { id } =
      path === 'networks' ? { id: network } : ((await list(path, `?network_id=${network}`))[0] ?? { id: '' });
    const made = id || (await make(path, { network_id: network })).id;
    const { body } = await face.user
      .put(`${V}/${path}/${made}`, { [SINGULAR[path] as string]: { [name]: value } })
      .expect(400);
    expect((body as NeutronFault).NeutronError.message).toBe(`Cannot update read-only attribute ${name}`);
  });
  it('201: numbers and booleans come as texts, too, as old clients send them', async () => {
    const made = await make('networks', { name: unique(), mtu: '1400', admin_state_up: 'False' });
    expect(made).toMatchObject({ mtu: 1400, admin_state_up: false });
    const { body } = await face.user.put(`${V}/networks/${made.id}`, { network: { mtu: '1300' } }).expect(200);
    expect(body).toMatchObject({ network: { mtu: 1300, admin_state_up: false } });
  });
  it('201: networks without a name are as many as one likes; 409: of a name there is one', async () => {
    await make('networks', {});
    await make('networks', {});
    const name = unique();
    await make('networks', { name });
    expect(await refused('networks', { name }, 409)).toMatchObject({ type: 'Conflict' });
  });
  it('409: an address that somebody has; 400: one that the network does not give', async () => {
    const { network, subnet, range } = await nets.net();
    const at = (ip: string) => ({ network_id: network, fixed_ips: [{ subnet_id: subnet, ip_address: ip }] });
    await make('ports', at(`${range}.77`));
    expect(await refused('ports', at(`${range}.77`), 409)).toEqual({
      type: 'IpAddressInUse',
      message: `Unable to complete operation for network ${network}. The IP address ${range}.77 is in use.`,
      detail: '',
    });
    expect(await refused('ports', at('192.0.2.1'), 400)).toMatchObject({
      type: 'InvalidIpForNetwork',
      message: 'IP address 192.0.2.1 is not a valid IP for any of the subnets on the specified network.',
    });
    const elsewhere = { network_id: network, fixed_ips: [{ subnet_id: randomUUID() }] };
    expect(await refused('ports', elsewhere, 404)).toMatchObject({ type: 'SubnetNotFound' });
  });
  it('409: no address is left', async () => {
    const { id: network } = await make('networks', { name: unique() });
    await make('subnets', { network_id: network, cidr: '10.250.0.0/30' });
    await make('ports', { network_id: network });
    expect(await refused('ports', { network_id: network }, 409)).toMatchObject({
      type: 'IpAddressGenerationFailure',
      message: `No more IP addresses available on network ${network}.`,
    });
  });
  it('409: what is in use stays, and says so', async () => {
    const { network, subnet } = await nets.net();
    const { id: port } = await make('ports', { network_id: network });
    const { id: group } = await make('security-groups', { name: unique() });
    await face.user.put(`${V}/ports/${port}`, { port: { security_groups: [group] } }).expect(200);
    const { id: router } = await make('routers', { name: unique() });
    await face.user.put(`${V}/routers/${router}/add_router_interface`, { subnet_id: subnet }).expect(200);
    const words = async (path: string) =>
      ((await face.user.delete(`${V}/${path}`).expect(409)).body as NeutronFault).NeutronError;
    expect(await words(`networks/${network}`)).toMatchObject({
      type: 'NetworkInUse',
      message: expect.stringContaining(`operation on network ${network}`) as string,
    });
    expect(await words(`subnets/${subnet}`)).toMatchObject({ type: 'SubnetInUse' });
    expect(await words(`security-groups/${group}`)).toEqual({
      type: 'SecurityGroupInUse',
      message: `Security Group ${group} in use.`,
      detail: '',
    });
    expect(await words(`routers/${router}`)).toMatchObject({
      type: 'RouterInUse',
      message: `Router ${router} still has ports`,
    });
  });
  it('409: the quota is used up, by its name', async () => {
    const project = face.otherProject.replaceAll('-', '');
    await sql(service.db, `update project set quota_limits = '{"router": 0}' where id = $1`, [project]);
    expect(await refused('routers', { name: 'r' }, 409, face.stranger)).toEqual({
      type: 'OverQuota',
      message: "Quota exceeded for resources: ['router'].",
      detail: '',
    });
    const own = (await face.staff.get(`${V}/quotas`).expect(200)).body as { quotas: Record<string, unknown>[] };
    expect(own.quotas).toContainEqual(
      expect.objectContaining({ project_id: face.otherProject, router: 0, network: 100, subnetpool: -1 }),
    );
    const at = `${V}/quotas/${face.project}`;
    await make('networks', { name: unique() });
    const low = await face.staff.put(at, { quota: { network: '1', check_limit: true } }).expect(400);
    expect((low.body as NeutronFault).NeutronError.message).toMatch(
      /^Invalid input for network. Reason: Quota limit 1/,
    );
  });
  it.each([
    [{ protocol: 'carrier-pigeon' }, 'SecurityGroupRuleInvalidProtocol'],
    [{ port_range_min: 90, port_range_max: 80 }, 'SecurityGroupInvalidPortRange'],
    [{ ethertype: 'IPv6' }, 'SecurityGroupRuleParameterConflict'],
    [{ port_range_min: 99_999 }, 'HTTPBadRequest'],
  ])('400: a rule with %j', async (wrong, type) => {
    const { id } = await make('security-groups', { name: unique() });
    const rule = { security_group_id: id, direction: 'ingress', protocol: 'tcp', remote_ip_prefix: '10.0.0.0/8' };
    expect(await refused('security-group-rules', { ...rule, ...wrong }, 400)).toMatchObject({ type });
  });
  it('201: a protocol by its name, and a description that the group shows, too', async () => {
    const { id } = await make('security-groups', { name: unique() });
    const rule = await make('security-group-rules', {
      security_group_id: id,
      direction: 'egress',
      protocol: 'VRRP',
      description: 'failover',
    });
    expect(rule).toMatchObject({ protocol: 'vrrp', description: 'failover', ethertype: 'IPv4' });
    const { security_group_rules: rules } = await get('security-groups', id);
    expect(rules).toContainEqual(rule);
    const { body } = await face.user
      .put(`${V}/security-group-rules/${rule.id}`, { security_group_rule: { description: 'none' } })
      .expect(200);
    expect(body).toMatchObject({ security_group_rule: { description: 'none', revision_number: 1 } });
  });
  it('409: the default group keeps its name and stays', async () => {
    await make('security-groups', { name: unique() });
    const [{ id } = { id: '' }] = await list('security-groups', '?name=default');
    const put = await face.user.put(`${V}/security-groups/${id}`, { security_group: { name: 'x' } }).expect(409);
    expect((put.body as NeutronFault).NeutronError.type).toBe('SecurityGroupCannotUpdateDefault');
    expect(await refused('security-groups', { name: 'default' }, 409)).toMatchObject({
      type: 'SecurityGroupDefaultAlreadyExists',
    });
  });
  it('404: a zone that there is not', async () => {
    expect(await refused('networks', { availability_zone_hints: ['nowhere'] }, 404)).toMatchObject({
      type: 'AvailabilityZoneNotFound',
    });
  });
  it('403: what Neutron lets administrators alone set', async () => {
    const { network } = await nets.outside();
    const words = await refused('networks', { shared: true }, 403);
    expect(words.type).toBe('PolicyNotAuthorized');
    expect(words.message).toContain('create_network:shared');
    await refused('floatingips', { floating_network_id: network, floating_ip_address: '203.0.1.9' }, 403);
    await refused('ports', { network_id: NETWORK, 'binding:host_id': 'node' }, 403);
  });
});
