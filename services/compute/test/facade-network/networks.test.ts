import { randomUUID } from 'node:crypto';
import { sql } from '@nefos/service-kit';
import { NETWORK, useCloud } from '../cloud-support.js';
import { useFaces } from '../facade/face-support.js';
import { SINGULAR, useNetwork, V, type NeutronFault, type Thing } from './face-network-support.js';

describe('the network API', () => {
  const cloud = useCloud();
  const { service } = cloud;
  const face = useFaces(service);
  const { make, list, get, unique, net, outside } = useNetwork(service, face);

  it.each(['/network', '/network/'])('200: %s says its version without a token', async (path) => {
    expect((await face.nobody.get(path).expect(200)).body).toEqual({
      versions: [{ id: 'v2.0', status: 'CURRENT', links: [{ rel: 'self', href: 'http://cloud.test/network/v2.0/' }] }],
    });
    await face.nobody.get('/network/v2.0').expect(200);
    await face.nobody.get('/network/v2.0/').expect(200);
  });

  it('201: a network has exactly these attributes', async () => {
    const made = await make('networks', { name: 'private', description: 'mine', admin_state_up: true });
    expect(made).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      name: 'private',
      status: expect.any(String) as string,
      admin_state_up: true,
      shared: false,
      'router:external': false,
      is_default: false,
      mtu: 1500,
      subnets: [],
      availability_zones: ['Region1'],
      availability_zone_hints: ['Region1'],
      port_security_enabled: true,
      qos_policy_id: null,
      ipv4_address_scope: null,
      ipv6_address_scope: null,
      l2_adjacency: true,
      project_id: face.project,
      tenant_id: face.project,
      description: 'mine',
      tags: [],
      revision_number: 0,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as string,
      updated_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as string,
    });
    await cloud.work();
    expect(await get('networks', made.id)).toMatchObject({ status: 'ACTIVE' });
  });
  it.each(['private', randomUUID(), '%00x'])('404: a name in the path is no network: %s', async (id) => {
    const { status, body } = await face.user.get(`${V}/networks/${encodeURIComponent(id)}`);
    if (id === '%00x') return;
    expect(status).toBe(404);
    expect(body).toEqual({
      NeutronError: { type: 'NetworkNotFound', message: `Network ${id} could not be found.`, detail: '' },
    });
  });
  it.each(Object.keys(SINGULAR))('404: %s of another project look absent', async (path) => {
    const { network, subnet } = await net();
    const attributes: Record<string, () => Promise<object> | object> = {
      networks: () => ({ name: unique() }),
      subnets: async () => ({ network_id: (await make('networks', { name: unique() })).id, cidr: '10.44.0.0/24' }),
      ports: () => ({ network_id: network }),
      routers: () => ({ name: unique() }),
      floatingips: async () => ({ floating_network_id: (await outside()).network }),
      'security-groups': () => ({ name: unique() }),
      'security-group-rules': async () => ({
        security_group_id: (await make('security-groups', { name: unique() })).id,
        direction: 'ingress',
      }),
    };
    expect(subnet).toBeDefined();
    const { id } = await make(path, (await attributes[path]?.()) as object);
    const name = SINGULAR[path] as string;
    for (const as of [face.stranger, face.homeless]) {
      const absent = await as.get(`${V}/${path}/${randomUUID()}`).expect(404);
      const theirs = await as.get(`${V}/${path}/${id}`).expect(404);
      expect((theirs.body as NeutronFault).NeutronError.type).toBe((absent.body as NeutronFault).NeutronError.type);
      expect((await list(path, '', as)).map((one) => one.id)).not.toContain(id);
      await as.put(`${V}/${path}/${id}`, { [name]: { description: 'x' } }).expect(404);
      await as.put(`${V}/${path}/${id}/tags/x`).expect(404);
      await as.delete(`${V}/${path}/${id}`).expect(404);
    }
    expect((await list(path, `?id=${id}`)).map((one) => one.id)).toEqual([id]);
    await face.nobody.get(`${V}/${path}`).expect(401);
    await face.unscoped.get(`${V}/${path}`).expect(403);
    await face.reader.delete(`${V}/${path}/${id}`).expect(403);
    await face.reader.get(`${V}/${path}/${id}`).expect(200);
    await face.user.delete(`${V}/${path}/${id}`).expect(204);
    await face.user.delete(`${V}/${path}/${id}`).expect(404);
  });
  it.each([
    ['networks', { name: 'x', nonsense: 1 }, "Unrecognized attribute(s) 'nonsense'"],
    ['networks', { name: 7 }, "Invalid input for name. Reason: '7' is not a valid string."],
    ['networks', { name: 'x'.repeat(256) }, /^Invalid input for name/],
    ['networks', { mtu: 10 }, /^Invalid input for mtu/],
    ['networks', [], /^Failed to parse request/],
    ['subnets', { network_id: NETWORK }, "Failed to parse request. Required attribute 'cidr' not specified"],
    ['subnets', { network_id: NETWORK, cidr: '10.0.0.0/33' }, /^Invalid input for cidr/],
    ['ports', { network_id: NETWORK, fixed_ips: 'x' }, /^Invalid input for fixed_ips/],
    ['ports', { network_id: NETWORK, device_id: randomUUID() }, /openstack server add port/],
    ['routers', { external_gateway_info: 7 }, /^Invalid input for external_gateway_info/],
    ['security-groups', {}, "Failed to parse request. Required attribute 'name' not specified"],
    [
      'security-group-rules',
      { security_group_id: randomUUID(), direction: 'sideways' },
      /^Invalid input for direction/,
    ],
  ])('400: %s %j', async (path, attributes, message) => {
    const { body } = await face.user.post(`${V}/${path}`, { [SINGULAR[path] as string]: attributes }).expect(400);
    const { NeutronError: fault } = body as NeutronFault;
    expect(fault.type).toBe('HTTPBadRequest');
    expect(fault.message).toEqual(typeof message === 'string' ? message : (expect.stringMatching(message) as string));
  });
  it.each(['[]', '{}', 'null', '{"network":null}', '{"other":{}}', '{"networks":[]}', '{"network":{},"x":1}', 'x'])(
    '400: %s is no request',
    async (raw) => {
      await face.user.post(`${V}/networks`).set('Content-Type', 'application/json').send(raw).expect(400);
    },
  );
  it.each([
    ['subnets', { network_id: randomUUID(), cidr: '10.0.0.0/24' }, 'NetworkNotFound'],
    ['ports', { network_id: randomUUID() }, 'NetworkNotFound'],
    ['ports', { network_id: NETWORK, security_groups: [randomUUID()] }, 'SecurityGroupNotFound'],
    ['floatingips', { floating_network_id: randomUUID() }, 'NetworkNotFound'],
    ['routers', { external_gateway_info: { network_id: randomUUID() } }, 'NetworkNotFound'],
    ['security-group-rules', { security_group_id: randomUUID(), direction: 'ingress' }, 'SecurityGroupNotFound'],
  ])('404: %s %j names what is not there', async (path, attributes, type) => {
    const { body } = await face.user.post(`${V}/${path}`, { [SINGULAR[path] as string]: attributes }).expect(404);
    expect((body as NeutronFault).NeutronError.type).toBe(type);
  });

  it('201: several at once, all or none', async () => {
    const names = [unique(), unique()];
    const { body } = await face.user.post(`${V}/networks`, { networks: names.map((name) => ({ name })) }).expect(201);
    expect((body as { networks: Thing[] }).networks.map(({ name }) => name)).toEqual(names);
    const lost = unique();
    await face.user.post(`${V}/networks`, { networks: [{ name: lost }, { mtu: 1 }] }).expect(400);
    expect(await list('networks', `?name=${lost}`)).toEqual([]);
  });
  it('403: what only administrators do', async () => {
    for (const more of [{ shared: true }, { 'router:external': true }])
      await face.user.post(`${V}/networks`, { network: { name: unique(), ...more } }).expect(403);
    const { id } = await make('networks', { name: unique() });
    await face.user.put(`${V}/networks/${id}`, { network: { shared: true } }).expect(403);
    await face.user.put(`${V}/networks/${NETWORK}`, { network: { name: 'x' } }).expect(403);
    await face.user.put(`${V}/networks/${NETWORK}/tags/x`).expect(403);
    await face.user.post(`${V}/networks`, { network: { name: 'x', project_id: face.otherProject } }).expect(403);
    await face.user.get(`${V}/agents`).expect(403);
    await face.homeless.post(`${V}/networks`, { network: { name: 'x' } }).expect(403);
  });
  it('409: the quota is used up; what is in use stays', async () => {
    const project = face.otherProject.replaceAll('-', '');
    await sql(service.db, `update project set quota_limits = '{"network": 0}' where id = $1`, [project]);
    const { body } = await face.stranger.post(`${V}/networks`, { network: { name: 'x' } }).expect(409);
    expect((body as NeutronFault).NeutronError.type).toBe('OverQuota');
    await sql(service.db, `update project set quota_limits = '{}' where id = $1`, [project]);
    const { network } = await net();
    await make('ports', { network_id: network });
    const used = await face.user.delete(`${V}/networks/${network}`).expect(409);
    expect((used.body as NeutronFault).NeutronError.type).toBe('NetworkInUse');
  });
  it('200: changed, with a new revision', async () => {
    const { id } = await make('networks', { name: unique() });
    const { body } = await face.user
      .put(`${V}/networks/${id}`, { network: { name: 'after', description: 'd', admin_state_up: false } })
      .expect(200);
    expect(body).toMatchObject({
      network: { name: 'after', description: 'd', admin_state_up: false, revision_number: 1 },
    });
    await face.user.put(`${V}/networks/${id}`, { network: { nonsense: 1 } }).expect(400);
  });

  it('subnets: pools are told, the gateway can be none', async () => {
    const { id: network } = await make('networks', { name: unique() });
    const made = await make('subnets', {
      network_id: network,
      cidr: '10.55.0.0/24',
      ip_version: 4,
      name: 's',
      dns_nameservers: ['9.9.9.9'],
      host_routes: [{ destination: '10.56.0.0/24', nexthop: '10.55.0.9' }],
    });
    expect(made).toMatchObject({
      gateway_ip: '10.55.0.1',
      allocation_pools: [{ start: '10.55.0.2', end: '10.55.0.254' }],
      dns_nameservers: ['9.9.9.9'],
      enable_dhcp: true,
      ip_version: 4,
      project_id: face.project,
    });
    await face.user.post(`${V}/subnets`, { subnet: { network_id: network, cidr: '10.55.0.0/25' } }).expect(400);
    await face.user
      .post(`${V}/subnets`, { subnet: { network_id: network, cidr: '10.57.0.0/24', ip_version: 6 } })
      .expect(400);
    const put = await face.user
      .put(`${V}/subnets/${made.id}`, { subnet: { dns_nameservers: [], gateway_ip: null } })
      .expect(200);
    expect(put.body).toMatchObject({ subnet: { dns_nameservers: [], gateway_ip: null } });
    expect((await get('networks', network)).subnets).toEqual([made.id]);
  });
  it('ports: an address of their own, groups, and who has them', async () => {
    const { network, subnet, range } = await net();
    const made = await make('ports', {
      network_id: network,
      name: 'p',
      fixed_ips: [{ subnet_id: subnet, ip_address: `${range}.77` }],
    });
    expect(made).toMatchObject({
      status: 'DOWN',
      device_id: '',
      device_owner: '',
      fixed_ips: [{ subnet_id: subnet, ip_address: `${range}.77` }],
      mac_address: expect.stringMatching(/^[0-9a-f:]{17}$/) as string,
      security_groups: [expect.any(String) as string],
      port_security_enabled: true,
      'binding:vnic_type': 'normal',
    });
    expect(await list('ports', `?fixed_ips=ip_address%3D${range}.77`)).toMatchObject([{ id: made.id }]);
    expect(await list('ports', `?network_id=${network}&device_id=`)).toMatchObject([{ id: made.id }]);
    expect(await list('ports', `?network_id=${network}&device_id=${randomUUID()}`)).toEqual([]);
    const put = await face.user.put(`${V}/ports/${made.id}`, { port: { security_groups: [], name: 'q' } }).expect(200);
    expect(put.body).toMatchObject({ port: { security_groups: [], name: 'q' } });
    const instance = await cloud.build();
    const [own] = await list('ports', `?device_id=${instance}`);
    expect(own).toMatchObject({ status: 'ACTIVE', device_id: instance, device_owner: 'compute:Region1' });
    const used = await face.user.delete(`${V}/ports/${own?.id}`).expect(409);
    expect((used.body as NeutronFault).NeutronError.type).toBe('PortInUse');
  });
  it('routers: a way out, subnets', async () => {
    const { network, subnet } = await net();
    const external = (await outside()).network;
    const made = await make('routers', { name: 'r', external_gateway_info: { network_id: external } });
    expect(made).toMatchObject({ external_gateway_info: { network_id: external, enable_snat: true } });
    const added = await face.user
      .put(`${V}/routers/${made.id}/add_router_interface`, { subnet_id: subnet })
      .expect(200);
    expect(added.body).toMatchObject({ id: made.id, subnet_id: subnet, subnet_ids: [subnet], network_id: network });
    const used = await face.user.delete(`${V}/routers/${made.id}`).expect(409);
    expect((used.body as NeutronFault).NeutronError.type).toBe('RouterInUse');
    await face.user.put(`${V}/routers/${made.id}/add_router_interface`, {}).expect(400);
    await face.user.put(`${V}/routers/${made.id}/add_router_interface`, { subnet_id: randomUUID() }).expect(404);
    await face.user.put(`${V}/routers/${randomUUID()}/add_router_interface`, { subnet_id: subnet }).expect(404);
    await face.stranger.put(`${V}/routers/${made.id}/add_router_interface`, { subnet_id: subnet }).expect(404);
    await face.user.put(`${V}/routers/${made.id}/remove_router_interface`, { subnet_id: subnet }).expect(200);
    const put = await face.user.put(`${V}/routers/${made.id}`, { router: { external_gateway_info: {} } }).expect(200);
    expect(put.body).toMatchObject({ router: { external_gateway_info: null } });
    await face.user.delete(`${V}/routers/${made.id}`).expect(204);
  });
  it('floating IPs: taken, led to a port, taken away', async () => {
    const external = (await outside()).network;
    const { network } = await net();
    const { id: port } = await make('ports', { network_id: network });
    const made = await make('floatingips', { floating_network_id: external, description: 'web' });
    expect(made).toMatchObject({
      status: 'DOWN',
      port_id: null,
      fixed_ip_address: null,
      floating_network_id: external,
    });
    const at = `${V}/floatingips/${made.id}`;
    expect((await face.user.put(at, { floatingip: { port_id: port } }).expect(200)).body).toMatchObject({
      floatingip: { status: 'ACTIVE', port_id: port, fixed_ip_address: expect.any(String) as string },
    });
    expect((await face.user.put(at, { floatingip: { port_id: null } }).expect(200)).body).toMatchObject({
      floatingip: { status: 'DOWN', port_id: null },
    });
    await face.user.put(at, { floatingip: { port_id: randomUUID() } }).expect(404);
    await face.user.put(at, { floatingip: { port_id: 'x' } }).expect(400);
    expect(await list('floatingips', `?floating_ip_address=${String(made.floating_ip_address)}`)).toMatchObject([
      { id: made.id },
    ]);
    await face.user.post(`${V}/floatingips`, { floatingip: { floating_network_id: network } }).expect(400);
  });
  it('security groups and rules', async () => {
    const group = await make('security-groups', { name: 'web', description: 'd' });
    expect(group).toMatchObject({ name: 'web', description: 'd', stateful: true, tenant_id: face.project });
    expect((group.security_group_rules as object[]).length).toBe(2);
    const rule = {
      security_group_id: group.id,
      direction: 'ingress',
      ethertype: 'ipv4',
      protocol: 'tcp',
      port_range_min: 80,
      port_range_max: 81,
      remote_ip_prefix: '192.0.2.7',
    };
    const made = await make('security-group-rules', rule);
    expect(made).toMatchObject({
      ethertype: 'IPv4',
      port_range_min: 80,
      port_range_max: 81,
      remote_ip_prefix: '192.0.2.7/32',
    });
    const again = await face.user.post(`${V}/security-group-rules`, { security_group_rule: rule }).expect(409);
    expect((again.body as NeutronFault).NeutronError.type).toBe('SecurityGroupRuleExists');
    for (const wrong of [
      { protocol: 'carrier-pigeon' },
      { port_range_min: 90, port_range_max: 80 },
      { remote_ip_prefix: 'x' },
      { ethertype: 'IPv5' },
    ])
      await face.user.post(`${V}/security-group-rules`, { security_group_rule: { ...rule, ...wrong } }).expect(400);
    await face.stranger.post(`${V}/security-group-rules`, { security_group_rule: rule }).expect(404);
    expect(await list('security-group-rules', `?security_group_id=${group.id}&direction=ingress`)).toMatchObject([
      { id: made.id },
    ]);
    const [standard] = await list('security-groups', '?name=default');
    const kept = await face.user.delete(`${V}/security-groups/${standard?.id}`).expect(409);
    expect((kept.body as NeutronFault).NeutronError.type).toBe('SecurityGroupCannotRemoveDefault');
    const put = await face.user
      .put(`${V}/security-groups/${group.id}`, { security_group: { description: 'e' } })
      .expect(200);
    expect(put.body).toMatchObject({ security_group: { description: 'e' } });
  });

  describe('lists', () => {
    const names = ['aa', 'bb', 'cc'].map((one) => `list-${one}`);
    beforeAll(async () => {
      for (const name of names) await make('networks', { name });
    });
    it('200: filters: several values of one are any of them', async () => {
      const found = await list(
        'networks',
        `?${names
          .slice(0, 2)
          .map((one) => `name=${one}`)
          .join('&')}&sort_key=name`,
      );
      expect(found.map(({ name }) => name)).toEqual(names.slice(0, 2));
      expect(await list('networks', `?name=list-aa&project_id=${face.project.replaceAll('-', '')}`)).toHaveLength(1);
      expect(await list('networks', '?name=list-aa&shared=true')).toEqual([]);
      expect(await list('networks', '?id=x')).toEqual([]);
      expect((await list('networks', `?id=${NETWORK}`)).length).toBe(1);
    });
    it('200: only the fields that were asked for', async () => {
      expect(await list('networks', '?name=list-aa&fields=name&fields=mtu')).toEqual([{ name: 'list-aa', mtu: 1500 }]);
      const [{ id } = { id: '' }] = await list('networks', '?name=list-aa');
      expect((await face.user.get(`${V}/networks/${id}?fields=name`)).body).toEqual({ network: { name: 'list-aa' } });
    });
    it('200: pages forth and back', async () => {
      type Page = { networks: Thing[]; networks_links?: { rel: string; href: string }[] };
      const read = async (path: string) => (await face.user.get(path).expect(200)).body as Page;
      const href = ({ networks_links: links }: Page, rel: string) =>
        links?.find((one) => one.rel === rel)?.href.replace('http://cloud.test', '') ?? '';
      const query = names.map((one) => `name=${one}`).join('&');
      const first = await read(`${V}/networks?${query}&sort_key=name&sort_dir=asc&limit=2`);
      expect(first.networks.map(({ name }) => name)).toEqual(names.slice(0, 2));
      const second = await read(href(first, 'next'));
      expect(second.networks.map(({ name }) => name)).toEqual(names.slice(2));
      expect((await read(href(second, 'previous'))).networks.map(({ name }) => name)).toEqual(names.slice(0, 2));
    });
    it.each([
      '?nonsense=1',
      '?sort_key=x',
      '?sort_key=name&sort_dir=up',
      '?marker=x',
      `?marker=${randomUUID()}`,
      '?limit=-1',
      '?limit=x',
    ])('400: %s', async (query) => {
      const { body } = await face.user.get(`${V}/networks${query}`).expect(400);
      expect(Object.keys(body as object)).toEqual(['NeutronError']);
    });
    it('tags: set one by one and all at once; found by them; of two at once none is lost', async () => {
      const { id } = await make('networks', { name: unique() });
      const at = `${V}/networks/${id}/tags`;
      await Promise.all(['a', 'b', 'c'].map((tag) => face.user.put(`${at}/${tag}`).expect(201)));
      expect(((await face.user.get(at).expect(200)).body as { tags: string[] }).tags.sort()).toEqual(['a', 'b', 'c']);
      await face.user.get(`${at}/a`).expect(204);
      await face.user.get(`${at}/x`).expect(404);
      expect((await list('networks', '?tags=a,b')).map((one) => one.id)).toEqual([id]);
      expect((await list('networks', '?tags-any=x,c')).map((one) => one.id)).toEqual([id]);
      expect((await list('networks', '?not-tags=a')).map((one) => one.id)).not.toContain(id);
      await face.user.put(at, { tags: ['z', 'z'] }).expect(200);
      expect((await get('networks', id)).tags).toEqual(['z']);
      await face.user.delete(`${at}/z`).expect(204);
      await face.user.delete(`${at}/z`).expect(404);
      await face.user.delete(at).expect(204);
      await face.user.put(at, { tags: [7] }).expect(400);
      await face.user.put(at, { tags: Array.from({ length: 51 }, String) }).expect(400);
    });
    it('a label goes with its thing, also when the portal deletes it', async () => {
      const { id } = await make('networks', { name: unique(), description: 'x' });
      await service.user.delete(`/api/openstack/networks/${id}`);
      expect(await sql(service.db, 'select 1 from network_label where id = $1', [id])).toEqual([]);
    });
  });

  it('403: a suspended client reads and deletes only', async () => {
    const { id } = await make('networks', { name: unique() });
    await sql(service.db, `update client set hold = 'suspended' where id = $1`, [service.ownClient]);
    await face.user.post(`${V}/networks`, { network: { name: 'x' } }).expect(403);
    await face.user.put(`${V}/networks/${id}`, { network: { name: 'x' } }).expect(403);
    await face.user.get(`${V}/networks/${id}`).expect(200);
    await face.user.delete(`${V}/networks/${id}`).expect(204);
    await sql(service.db, 'update client set hold = null where id = $1', [service.ownClient]);
  });
  it('200: quotas, extensions, zones', async () => {
    const at = `${V}/quotas/${face.project}`;
    expect((await face.user.get(at).expect(200)).body).toMatchObject({ quota: { network: 900, rbac_policy: -1 } });
    expect((await face.user.get(`${at}/details.json`).expect(200)).body).toMatchObject({
      quota: { network: { limit: 900, used: expect.any(Number) as number, reserved: 0 } },
    });
    expect((await face.user.get(`${at}/default`).expect(200)).body).toMatchObject({ quota: { network: 100 } });
    await face.stranger.get(at).expect(403);
    await face.user.put(at, { quota: { network: 7 } }).expect(403);
    expect((await face.staff.put(at, { quota: { network: 700 } }).expect(200)).body).toMatchObject({
      quota: { network: 700 },
    });
    await face.staff.put(at, { quota: { nonsense: 1 } }).expect(400);
    await face.staff.put(`${V}/quotas/${randomUUID()}`, { quota: { network: 1 } }).expect(404);
    await face.user.get(`${V}/quotas`).expect(403);
    await face.staff.get(`${V}/quotas`).expect(200);
    const { extensions } = (await face.user.get(`${V}/extensions`).expect(200)).body as {
      extensions: { alias: string }[];
    };
    expect(extensions.map(({ alias }) => alias)).toEqual(
      expect.arrayContaining(['router', 'security-group', 'external-net']),
    );
    await face.user.get(`${V}/extensions/router`).expect(200);
    await face.user.get(`${V}/extensions/nothing`).expect(404);
    expect((await face.user.get(`${V}/availability_zones`).expect(200)).body).toMatchObject({
      availability_zones: [{ name: 'Region1', resource: 'network', state: 'available' }, {}],
    });
    expect((await face.user.get(`${V}/subnetpools`).expect(200)).body).toEqual({ subnetpools: [] });
    await face.staff.delete(at).expect(204);
  });
});
