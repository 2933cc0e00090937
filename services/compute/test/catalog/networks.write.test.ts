import { randomUUID } from 'node:crypto';
import { sql } from '@nefos/service-kit';
import { BASE, madeOf, unique, useCatalog } from './catalog-support.js';

describe('staff write networks and subnets', () => {
  const cloud = useCatalog();
  const { service } = cloud;
  const net = (id: string): string => `${BASE}/networks/${id}`;
  const sub = (id: string): string => `${BASE}/subnets/${id}`;
  const body = (more: object = {}) => ({ region: 'Region1', name: unique(), ...more });

  it('201: a network with its defaults, and all that can be said', async () => {
    const made = await cloud.make('networks', body({ name: 'plain' }));
    expect(made).toEqual({
      id: expect.any(String) as string,
      name: 'plain',
      region: 'Region1',
      shared: false,
      router_external: false,
      admin_state_up: true,
      status: 'ACTIVE',
      mtu: 1500,
      subnets: [],
      project_id: null,
      is_default: false,
    });
    // Neither shared nor anybody's: staff alone see it.
    await service.user.get(`/api/openstack/networks/${made.id}`).expect(404);
    const project = await cloud.projectOf(service.ownClient);
    const full = { router_external: true, admin_state_up: false, mtu: 9000, project_id: project };
    const theirs = await cloud.make('networks', body(full));
    expect(theirs).toMatchObject(full);
    await service.user.get(`/api/openstack/networks/${theirs.id}`).expect(200);
    await service.stranger.get(`/api/openstack/networks/${theirs.id}`).expect(404);
  });
  it('200: PATCH; a new default takes the place of the old one of the region and project, also of two at once', async () => {
    const region = await cloud.region();
    const ids = await Promise.all([1, 2, 3].map(() => cloud.network(region, { is_default: true })));
    const defaults = async (): Promise<string[]> => {
      const { objects } = (await service.staff.get(`${BASE}/networks?region=${region}`).expect(200)).body as {
        objects: { id: string; is_default: boolean }[];
      };
      return objects.filter((one) => one.is_default).map(({ id }) => id);
    };
    expect(await defaults()).toHaveLength(1);
    const answers = await Promise.all(ids.map((id) => service.staff.patch(net(id), { is_default: true })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await defaults()).toHaveLength(1);
    await service.staff.patch(net(ids[0] as string), { is_default: true, name: 'first', mtu: 1400 }).expect(200);
    expect(await defaults()).toEqual([ids[0]]);
    expect((await service.staff.get(net(ids[0] as string)).expect(200)).body).toMatchObject({
      name: 'first',
      mtu: 1400,
    });
    await service.staff.patch(net(ids[0] as string), { is_default: false }).expect(200);
    expect(await defaults()).toEqual([]);
  });
  it('400: every field that is refused is named; names are unique in a region and project', async () => {
    expect(await cloud.refused('networks', { region: 'nowhere', name: 'x', project_id: 'nobody' })).toEqual({
      region: ['Invalid pk "nowhere" - object does not exist.'],
      project_id: ['Invalid pk "nobody" - object does not exist.'],
    });
    for (const [field, values] of Object.entries({
      name: ['', 'x'.repeat(256), null, {}],
      mtu: [67, 65_536, 'x', null, 1.5],
      shared: ['perhaps', null],
      project_id: ['x'.repeat(65), '', []],
      is_default: [3],
    }))
      for (const value of values)
        expect([field, value, await cloud.refused('networks', body({ [field]: value }))]).toEqual([
          field,
          value,
          { [field]: expect.anything() as unknown },
        ]);
    const name = unique();
    const both = await Promise.all([1, 2].map(() => service.staff.post(`${BASE}/networks`, body({ name }))));
    expect(both.map(({ status }) => status).sort()).toEqual([201, 400]);
    expect(await cloud.refused('networks', body({ name }))).toEqual({ name: ['This field must be unique.'] });
    const project = await cloud.projectOf(service.ownClient);
    const { id } = await cloud.make('networks', body({ name, project_id: project }));
    expect((await service.staff.patch(net(id), { region: await cloud.region() }).expect(400)).body).toEqual({
      region: ['This can not be changed afterwards.'],
    });
    expect((await service.staff.patch(net(id), { project_id: null }).expect(400)).body).toEqual({
      project_id: ['This can not be changed afterwards.'],
    });
    await service.staff.patch(net(id), { region: 'Region1', project_id: project }).expect(200);
  });
  it('409: with instances a network stays, and stays shared; without them its subnets go with it', async () => {
    const parts = await cloud.filled();
    const id = await cloud.build({ ...madeOf(parts), name: unique() });
    const used = { detail: 'The network is used by instances: delete those first.' };
    expect((await service.staff.delete(net(parts.network)).expect(409)).body).toEqual(used);
    expect((await service.staff.patch(net(parts.network), { shared: false }).expect(409)).body).toEqual({
      detail: 'The network is used by instances of other projects.',
    });
    expect((await service.staff.delete(sub(parts.subnet)).expect(409)).body).toEqual({
      detail: 'The subnet is used by instances: delete those first.',
    });
    const { access_ip: ip } = (await service.staff.get(`${BASE}/instances/${id}`).expect(200)).body as {
      access_ip: string;
    };
    expect(ip).toMatch(/^10\.1\.0\./);
    expect((await service.staff.patch(sub(parts.subnet), { gateway_ip: ip }).expect(409)).body).toEqual({
      detail: 'An instance has this address.',
    });
    // A subnet whose addresses no instance has is in nobody's way.
    const spare = await cloud.make('subnets', { network_id: parts.network, cidr: '10.2.0.0/24' });
    await service.staff.delete(sub(spare.id)).expect(204);
    await service.staff.delete(`${BASE}/instances/${id}`).expect(200);
    await cloud.work();
    await service.staff.patch(net(parts.network), { shared: false }).expect(200);
    await service.staff.delete(net(parts.network)).expect(204);
    await service.staff.get(sub(parts.subnet)).expect(404);
    await service.staff.delete(net(parts.network)).expect(404);
  });
  it('either the instance is made or the network goes, never both; nor a subnet from under a build', async () => {
    for (let i = 0; i < 6; i += 1) {
      const parts = await cloud.filled();
      const [made, gone] = await Promise.all([
        service.staff.post(`${BASE}/instances`, { client: service.ownClient, name: 'race', ...madeOf(parts) }),
        service.staff.delete(net(parts.network)),
      ]);
      expect([
        [201, 409],
        [400, 204],
      ]).toContainEqual([made.status, gone.status]);
      if (made.status !== 201) continue;
      await service.staff.delete(sub(parts.subnet)).expect(409);
      await service.staff.delete(`${BASE}/instances/${made.body.id as string}`).expect(200);
      await cloud.work();
    }
  });

  it('201: a subnet; gateway and pools follow from its addresses', async () => {
    const network = await cloud.network('Region1');
    const made = await cloud.make('subnets', { network_id: network, cidr: '192.168.8.0/22' });
    expect(made).toEqual({
      id: expect.any(String) as string,
      name: '',
      network_id: network,
      cidr: '192.168.8.0/22',
      ip_version: 4,
      gateway_ip: '192.168.8.1',
      enable_dhcp: true,
      dns_nameservers: [],
      allocation_pools: [{ start: '192.168.8.2', end: '192.168.11.254' }],
      host_routes: [],
    });
    const full = {
      name: 'six',
      cidr: '2001:db8:0:1::/64',
      gateway_ip: '2001:db8:0:1::ff',
      enable_dhcp: false,
      dns_nameservers: ['2001:db8::53', '9.9.9.9'],
      allocation_pools: [
        { start: '2001:db8:0:1::100', end: '2001:db8:0:1::1ff' },
        { start: '2001:db8:0:1::', end: '2001:db8:0:1::' },
      ],
      host_routes: [{ destination: '2001:db8:1::/48', nexthop: '2001:db8:0:1::1' }],
    };
    expect(await cloud.refused('subnets', { network_id: network, ...full })).toEqual({
      allocation_pools: { 1: ['Enter addresses that machines in 2001:db8:0:1::/64 can have, the lower one first.'] },
    });
    const pools = full.allocation_pools.slice(0, 1);
    const six = await cloud.make('subnets', {
      network_id: network,
      ...full,
      cidr: '2001:DB8:0:1:0::/64',
      allocation_pools: pools,
    });
    expect(six).toMatchObject({ ...full, ip_version: 6, allocation_pools: pools });
    expect((await service.staff.get(net(network)).expect(200)).body.subnets).toEqual([made.id, six.id].sort());
    const listed = await service.user
      .get(`/api/openstack/subnets?network_id=${network}&ordering=ip_version`)
      .expect(200);
    expect(listed.body.objects).toEqual([made, six]);
    const filtered = await service.staff.get(`${BASE}/subnets?filtering=cidr:192.168.8.0/22`).expect(200);
    expect(filtered.body.objects).toEqual([made]);
  });
  it('404: subnets of a network that is neither shared nor their own are not there for end users', async () => {
    const project = await cloud.projectOf(service.ownClient);
    const { id: network } = await cloud.make('networks', body({ project_id: project }));
    const { id } = await cloud.make('subnets', { network_id: network, cidr: '10.9.0.0/24' });
    await service.user.get(`/api/openstack/subnets/${id}`).expect(200);
    const hidden = await service.stranger.get(`/api/openstack/subnets/${id}`).expect(404);
    expect(hidden.body).toEqual((await service.stranger.get(`/api/openstack/subnets/${randomUUID()}`)).body);
    const list = await service.stranger.get(`/api/openstack/subnets?network_id=${network}`).expect(200);
    expect(list.body).toMatchObject({ totalCount: 0, objects: [] });
    // It is the provider's: staff made it.
    await service.user.delete(`/api/openstack/subnets/${id}`).expect(403);
  });
  it('400: addresses that do not fit, each by its field', async () => {
    const network = await cloud.network('Region1');
    const refused = (more: object) => cloud.refused('subnets', { network_id: network, cidr: '10.3.0.0/24', ...more });
    const noNetwork = ['Enter a valid network, such as 192.168.40.0/21: no bit behind the mask may be set.'];
    for (const cidr of [
      '10.3.0.1/24',
      '10.3.0.0',
      '10.3.0.0/33',
      '10.3.0.0/-1',
      '10.3.0.0/024',
      '300.0.0.0/8',
      'x',
      '',
      5,
      null,
      '::/129',
      '10.3.0.0/24/24',
      'fe80::%eth0/64',
      '010.3.0.0/24',
      '9'.repeat(99_999),
    ])
      expect([cidr, await refused({ cidr })]).toEqual([
        cidr,
        { cidr: cidr === null ? ['This field may not be null.'] : noNetwork },
      ]);
    for (const cidr of ['10.3.0.0/31', '10.3.0.0/32', '2001:db8::1/128'])
      expect([cidr, await refused({ cidr })]).toEqual([cidr, { cidr: ['The network has no room for machines.'] }]);
    const noGateway = { gateway_ip: ['Enter an address that machines in 10.3.0.0/24 can have.'] };
    for (const gateway_ip of ['10.4.0.1', '10.3.0.0', '10.3.0.255', '2001:db8::1'])
      expect([gateway_ip, await refused({ gateway_ip })]).toEqual([gateway_ip, noGateway]);
    for (const gateway_ip of ['x', '', 3, {}, '10.3.0.1%eth0'])
      expect([gateway_ip, await refused({ gateway_ip })]).toEqual([
        gateway_ip,
        { gateway_ip: ['Enter a valid IPv4 or IPv6 address.'] },
      ]);
    const pool = (start: string, end: string) => ({ start, end });
    expect(
      await refused({
        allocation_pools: [
          pool('10.3.0.10', '10.3.0.20'),
          pool('10.3.0.20', '10.3.0.30'),
          pool('10.3.0.50', '10.3.0.40'),
          pool('10.3.0.1', '10.3.0.2'),
          pool('10.3.0.200', '10.3.0.255'),
          pool('10.4.0.2', '10.4.0.3'),
          pool('::1', '10.3.0.60'),
        ],
        host_routes: [
          { destination: '0.0.0.0/0', nexthop: '::1' },
          { destination: '::/0', nexthop: '10.3.0.1' },
        ],
      }),
    ).toEqual({
      allocation_pools: {
        1: ['It overlaps with another pool.'],
        2: ['Enter addresses that machines in 10.3.0.0/24 can have, the lower one first.'],
        3: ['It contains the gateway.'],
        4: ['Enter addresses that machines in 10.3.0.0/24 can have, the lower one first.'],
        5: ['Enter addresses that machines in 10.3.0.0/24 can have, the lower one first.'],
        6: ['Enter addresses that machines in 10.3.0.0/24 can have, the lower one first.'],
      },
      host_routes: {
        0: { nexthop: ['Enter an IPv4 address, as those of the network are.'] },
        1: { destination: ['Enter an IPv4 address, as those of the network are.'] },
      },
    });
    const eleven = Array.from({ length: 11 }, (_, i) => `10.0.0.${i}`);
    expect(
      await refused({ dns_nameservers: eleven, allocation_pools: 'x', host_routes: [{}], name: 'x'.repeat(256) }),
    ).toEqual({
      dns_nameservers: ['Ensure this field has no more than 10 elements.'],
      allocation_pools: ['Expected a list of items but got type "str".'],
      host_routes: { 0: { destination: ['This field is required.'], nexthop: ['This field is required.'] } },
      name: ['Ensure this field has no more than 255 characters.'],
    });
    const absent = randomUUID();
    expect(await refused({ network_id: absent })).toEqual({
      network_id: [`Invalid pk "${absent}" - object does not exist.`],
    });
    expect((await service.staff.get(net(network)).expect(200)).body.subnets).toEqual([]);
  });
  it('400: subnets of one network share no address, also when two are made at once; of two networks they may', async () => {
    const network = await cloud.network('Region1');
    const make = (cidr: string) => service.staff.post(`${BASE}/subnets`, { network_id: network, cidr });
    const both = await Promise.all([make('10.5.0.0/16'), make('10.5.7.0/24')]);
    expect(both.map(({ status }) => status).sort()).toEqual([201, 400]);
    const refused = both.find(({ status }) => status === 400);
    expect(refused?.body).toEqual({
      cidr: [expect.stringMatching(/^It overlaps with the subnet 10\.5\.\d\.0\/\d\d of the same network\.$/)],
    });
    await make('10.6.0.0/16').expect(201);
    await cloud.make('subnets', { network_id: await cloud.network('Region1'), cidr: '10.5.0.0/16' });
  });
  it('200: PATCH judges what comes out; a subnet keeps its addresses and its network', async () => {
    const network = await cloud.network('Region1');
    const { id } = await cloud.make('subnets', { network_id: network, cidr: '10.7.0.0/24' });
    const { body: changed } = await service.staff.patch(sub(id), { gateway_ip: '10.7.0.9', name: 'seven' }).expect(200);
    expect(changed).toMatchObject({
      name: 'seven',
      gateway_ip: '10.7.0.9',
      allocation_pools: [
        { start: '10.7.0.1', end: '10.7.0.8' },
        { start: '10.7.0.10', end: '10.7.0.254' },
      ],
    });
    const pools = [{ start: '10.7.0.100', end: '10.7.0.110' }];
    await service.staff.patch(sub(id), { allocation_pools: pools, gateway_ip: null }).expect(200);
    expect((await service.staff.patch(sub(id), { gateway_ip: '10.7.0.105' }).expect(400)).body).toEqual({
      allocation_pools: { 0: ['It contains the gateway.'] },
    });
    for (const [field, value] of [
      ['cidr', '10.8.0.0/24'],
      ['network_id', await cloud.network('Region1')],
    ] as const)
      expect((await service.staff.patch(sub(id), { [field]: value }).expect(400)).body).toEqual({
        [field]: ['This can not be changed afterwards.'],
      });
    await service.staff.patch(sub(id), { cidr: '10.7.0.0/24', network_id: network, allocation_pools: [] }).expect(200);
    expect((await service.staff.get(sub(id)).expect(200)).body).toMatchObject({
      gateway_ip: null,
      allocation_pools: [{ start: '10.7.0.1', end: '10.7.0.254' }],
    });
    for (const absent of [randomUUID(), 'x', '%00']) {
      await service.staff.patch(sub(absent), {}).expect(404);
      await service.staff.delete(sub(absent)).expect(404);
    }
  });
  it('machines get addresses of the pools, and never the gateway', async () => {
    const parts = await cloud.filled();
    const pools = [{ start: '10.1.0.20', end: '10.1.0.21' }];
    const addresses = async (): Promise<string[]> => {
      const ids = [
        await cloud.build({ ...madeOf(parts), name: unique() }),
        await cloud.build({ ...madeOf(parts), name: unique() }),
      ];
      const rows = await sql<{ ip: string }>(service.db, 'select access_ip ip from instance where id = any($1)', [ids]);
      return rows.map(({ ip }) => ip).sort();
    };
    await service.staff.patch(sub(parts.subnet), { gateway_ip: '10.1.0.3' }).expect(200);
    expect(await addresses()).toEqual(['10.1.0.1', '10.1.0.2']);
    await service.staff.patch(sub(parts.subnet), { allocation_pools: pools }).expect(200);
    expect(await addresses()).toEqual(['10.1.0.20', '10.1.0.21']);
    await expect(cloud.ask({ ...madeOf(parts), name: unique() })).rejects.toThrow(
      `No more IP addresses available on network ${parts.network}.`,
    );
  });
  it('a network of IPv6 alone gives its machines addresses, too', async () => {
    const { region, flavor, image } = await cloud.filled();
    const network = await cloud.network(region);
    await cloud.make('subnets', { network_id: network, cidr: '2001:db8:0:2::/64' });
    const id = await cloud.build({ ...madeOf({ region, flavor, image, network }), name: unique() });
    expect(await cloud.row(id)).toMatchObject({ vm_state: 'active', access_ip: '2001:db8:0:2::2' });
    const { addresses } = (await service.staff.get(`${BASE}/instances/${id}`).expect(200)).body as {
      addresses: Record<string, { version: number }[]>;
    };
    expect(Object.values(addresses)[0]).toMatchObject([{ version: 6, addr: '2001:db8:0:2::2' }]);
  });
});
