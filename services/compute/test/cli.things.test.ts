import { useCli } from './cli-support.js';
import { NETWORK, unique, useNet } from './networking/network-support.js';

describe('npm run nefos -- port, floatingip, securitygroup, router, volume', () => {
  const net = useNet();
  const { service } = net;
  const { nefos, rows, one, refused } = useCli(service);
  const client = (): string[] => ['--client', String(service.ownClient)];
  const to = ['--region', 'Region1'];
  const statusOf = async (thing: string, id: unknown): Promise<unknown> =>
    (await one(thing, 'show', String(id))).status;

  it('security groups and their rules', async () => {
    const name = unique('web');
    const group = await one('securitygroup', 'add', name, ...client(), ...to, '--description', 'the web');
    expect(group).toMatchObject({ name, description: 'the web', client: service.ownClient, is_default: false });
    const allowed = await one('securitygroup', 'allow', name, '--protocol', 'tcp', '--ports', '80-90');
    const single = ['--protocol', 'udp', '--ports', '53', '--cidr', '2001:db8::/32', '--ipv6'];
    const both = (await one('securitygroup', 'allow', name, ...single)).rules as Record<string, unknown>[];
    expect(both.filter(({ direction }) => direction === 'ingress')).toMatchObject([
      { ethertype: 'IPv4', protocol: 'tcp', port_range_min: 80, port_range_max: 90, remote_ip_prefix: null },
      { ethertype: 'IPv6', protocol: 'udp', port_range_min: 53, port_range_max: 53, remote_ip_prefix: '2001:db8::/32' },
    ]);
    const rule = (allowed.rules as Record<string, unknown>[]).find(({ protocol }) => protocol === 'tcp');
    const left = await one('securitygroup', 'disallow', name, String(rule?.id));
    expect(left.rules).toEqual(both.filter(({ id }) => id !== rule?.id));
    expect(await one('securitygroup', 'set', name, '--description', 'less')).toMatchObject({
      description: 'less',
      name,
    });
    expect(await refused('securitygroup', 'allow', name, '--protocol', 'tcp', '--ports', '90-80')).toMatch(
      /^port_range_min: /,
    );
    expect(await refused('securitygroup', 'allow', name, '--ports', 'ssh')).toMatch(/^port_range_min: A valid integer/);
    expect(await refused('securitygroup', 'allow', name, '--direction', 'up')).toMatch(/^direction: "up" is not/);
    expect(await refused('securitygroup', 'disallow', name, String(rule?.id))).toBe(
      `the security group ${name} has no rule ${String(rule?.id)}: see \`securitygroup show ${name}\``,
    );
    expect(await refused('securitygroup', 'delete', 'default')).toMatch(/default/);
    await net.work();
    expect(await one('securitygroup', 'delete', name)).toEqual({ id: group.id, deleted: true });
    expect(await refused('securitygroup', 'show', name)).toBe(`there is no security group ${name}`);
  }, 60_000);

  it('ports and floating IPs', async () => {
    const { network, subnet } = await net.shared('10.90.0.0/24');
    const outside = await net.external('203.0.113.64/28');
    const group = await one('securitygroup', 'add', unique('group'), ...client(), ...to);
    const port = await one(
      ...['port', 'add', '--network', network, ...client(), '--name', 'kept', '--ip', '10.90.0.9'],
      ...['--subnet', subnet, '--group', String(group.name)],
    );
    expect(port).toMatchObject({ name: 'kept', fixed_ips: '10.90.0.9 10.90.0.2', security_groups: [group.id] });
    const set = await one('port', 'set', 'kept', '--name', 'held', '--ip', '10.90.0.2', '--group', 'none');
    expect(set).toMatchObject({ id: port.id, name: 'held', fixed_ips: '10.90.0.2', security_groups: [] });
    await net.work();
    const floating = await one('floatingip', 'add', '--network', outside, ...client());
    const address = String(floating.floating_ip_address);
    expect(await one('floatingip', 'attach', address, '--port', 'held')).toMatchObject({
      ...{ id: floating.id, port_id: port.id, fixed_ip_address: '10.90.0.2' },
    });
    expect(await one('floatingip', 'detach', address)).toMatchObject({ port_id: null, fixed_ip_address: null });
    const id = await net.build({ name: 'behind' });
    expect(await one('instance', 'show', 'behind')).toMatchObject({ id });
    expect(await one('floatingip', 'attach', address, '--instance', 'behind')).toMatchObject({ instance: id });
    expect(await refused('floatingip', 'attach', address)).toBe('port: This field is required.');
    expect(await refused('floatingip', 'add', '--network', network, ...client())).toMatch(/^floating_network_id: /);
    expect(await refused('port', 'add', '--network', network, '--client', '1')).toMatch(/^client: Invalid pk "1"/);
    expect(await refused('port', 'add', '--network', network)).toContain('--client');
    expect(await refused('port', 'set', 'held', '--ip', '10.91.0.1')).toBe(
      'fixed_ips.0.ip_address: The network gives no such address.',
    );
    expect(await one('floatingip', 'delete', address)).toEqual({ id: floating.id, deleted: true });
    expect(await one('port', 'delete', 'held')).toEqual({ id: port.id, deleted: true });
    expect((await rows('port', 'list')).map((row) => row.device_id)).toEqual([id]);
  }, 60_000);

  it('routers', async () => {
    const outside = await net.external('203.0.113.96/28');
    const network = await net.made(service.user, '/api/openstack/networks', { region: 'Region1', name: unique('own') });
    const subnet = await net.made(service.user, '/api/openstack/subnets', {
      ...{ network_id: network.id, cidr: '10.92.0.0/24', name: unique('inner') },
    });
    const router = await one('router', 'add', 'edge', ...client(), ...to, '--external', outside);
    expect(router).toMatchObject({ name: 'edge', external_gateway_info: { network_id: outside }, subnets: [] });
    expect(await one('router', 'attach', 'edge', '--subnet', subnet.id)).toMatchObject({ subnets: [subnet.id] });
    expect(await refused('router', 'delete', 'edge')).toMatch(/subnets/);
    expect(await one('router', 'detach', 'edge', '--subnet', subnet.id)).toMatchObject({ subnets: [] });
    expect(await one('router', 'set', 'edge', '--name', 'inner', '--external', 'none')).toMatchObject({
      ...{ id: router.id, name: 'inner', external_gateway_info: null },
    });
    expect(await refused('router', 'add', 'x', ...client(), ...to, '--external', NETWORK)).toMatch(
      /^external_gateway_info\.network_id: /,
    );
    await net.work();
    expect(await one('router', 'delete', 'inner')).toEqual({ id: router.id, deleted: true });
  }, 60_000);

  it("a network of a client's own, whose router connects it", async () => {
    const name = unique('mine');
    const network = await one('network', 'add', name, ...client(), ...to, '--mtu', '1400');
    expect(network).toMatchObject({ name, mtu: 1400, shared: false, status: 'BUILD' });
    const theirs = (await service.user.get(`/api/openstack/networks/${String(network.id)}`).expect(200)).body as object;
    expect(theirs).toMatchObject({ name, project_id: network.project_id });
    const subnet = await one('subnet', 'add', '10.93.0.0/24', '--network', name);
    const router = await one('router', 'add', unique('edge'), ...client(), ...to);
    expect(await one('router', 'attach', String(router.name), '--subnet', String(subnet.id))).toMatchObject({
      subnets: [subnet.id],
    });
    expect(await refused('network', 'add', 'x', ...client(), ...to, '--shared', 'yes')).toMatch(/^--client goes /);
    expect(await refused('network', 'add', 'x', '--client', '1', ...to)).toBe(
      'client: Invalid pk "1" - object does not exist.',
    );
    await net.work();
    expect(await one('network', 'show', name)).toMatchObject({ status: 'ACTIVE' });
  }, 60_000);

  it('a thing that is shown is a line for each field, a list a line for each thing', async () => {
    const name = unique('tall');
    await one('securitygroup', 'add', name, ...client(), ...to);
    const shown = (await nefos('securitygroup', 'show', name)).out.split('\n');
    expect(shown.filter((line) => line.includes(name))).toEqual([expect.stringMatching(/^│ name +│ tall/)]);
    // Its two rules, one under the other.
    expect(shown.filter((line) => / direction=egress ethertype=IPv[46] +│$/.test(line))).toHaveLength(2);
    const list = (await nefos('securitygroup', 'list', '--search', name)).out.split('\n');
    expect(list.filter((line) => line.startsWith('│'))).toEqual([
      expect.stringMatching(/^│ id +│ name /),
      expect.stringContaining(name),
    ]);
  }, 60_000);

  it('volumes', async () => {
    const volume = await one('volume', 'add', 'data', ...client(), ...to, '--size', '2', '--protected', 'yes');
    await net.work();
    expect(await refused('volume', 'delete', 'data')).toMatch(/protected/);
    expect(await one('volume', 'set', 'data', '--protected', 'no', '--description', 'more')).toMatchObject({
      ...{ id: volume.id, description: 'more', delete_protection: false },
    });
    const id = await net.build({ name: 'host' });
    const given = await one('volume', 'attach', 'data', '--instance', 'host', '--device', '/dev/vdc');
    expect(given).toMatchObject({ status: 'attaching', instance: id, operation: expect.any(String) as string });
    await net.work();
    expect(await one('volume', 'show', 'data')).toMatchObject({
      attachments: [{ instance: id, device: '/dev/vdc', delete_on_termination: false }],
    });
    expect(await refused('volume', 'delete', 'data')).toMatch(/in-use/);
    expect(await refused('volume', 'attach', 'data', '--instance', 'nobody')).toBe('there is no instance nobody');
    await one('volume', 'detach', 'data');
    await net.work();
    expect(await statusOf('volume', volume.id)).toBe('available');
    expect(await refused('volume', 'detach', 'data')).toBe(`no instance has the volume ${String(volume.id)}`);
    const copy = await one('volume', 'create', 'copy', ...client(), ...to, '--volume', 'data');
    await net.work();
    expect(await one('volume', 'show', 'copy')).toMatchObject({ source_volume: volume.id, size: 2, id: copy.id });
    // A client's name that reads like a filter does not lead to what has another name.
    const like = 'data region:Region1';
    const named = await one('volume', 'add', like, ...client(), ...to, '--size', '1');
    await net.work();
    expect(await refused('volume', 'delete', like)).toBe(`${like} can be no name here: give the volume's id`);
    expect(await statusOf('volume', volume.id)).toBe('available');
    for (const name of ['copy', 'data', String(named.id)]) await one('volume', 'delete', name);
    await net.work();
    expect(await rows('volume', 'list')).toEqual([]);
  }, 60_000);
});
