import { sql } from '@nefos/service-kit';
import pg from 'pg';
import { FLAVOR, IMAGE, useCloud } from '../cloud-support.js';
import { useFaces, type FaceAs } from '../facade/face-support.js';
import { useNetwork, V, type Thing } from './face-network-support.js';

interface Link {
  rel: string;
  href: string;
}
interface Page {
  rows: Thing[];
  links: Link[];
}

describe('lists of the network API', () => {
  const cloud = useCloud();
  const { service } = cloud;
  const face = useFaces(service);
  const nets = useNetwork(service, face);
  const { make, unique } = nets;
  const read = async (path: string, as: FaceAs = face.user): Promise<Page> => {
    const body = (await as.get(path).expect(200)).body as Record<string, unknown>;
    const key = Object.keys(body).find((one) => !one.endsWith('_links')) ?? '';
    return { rows: body[key] as Thing[], links: (body[`${key}_links`] ?? []) as Link[] };
  };
  const to = ({ links }: Page, rel: string): string =>
    links.find((one) => one.rel === rel)?.href.replace('http://cloud.test', '') ?? '';
  const project = (): string => face.project.replaceAll('-', '');

  it('200: without a limit a list that goes on says where', async () => {
    await make('security-groups', { name: unique() });
    const [{ region } = { region: '' }] = await sql<{ region: string }>(
      service.db,
      'select region_id region from security_group limit 1',
    );
    await sql(
      service.db,
      `insert into security_group (id, project_id, region_id, name, description)
      select gen_random_uuid(), $1, $2, 'many-' || n, '' from generate_series(1, 1100) n`,
      [project(), region],
    );
    const [{ count } = { count: 0 }] = await sql<{ count: number }>(
      service.db,
      'select count(*)::int from security_group where project_id = $1',
      [project()],
    );
    const first = await read(`${V}/security-groups`);
    expect(first.rows).toHaveLength(1000);
    const second = await read(to(first, 'next'));
    expect(new Set([...first.rows, ...second.rows].map(({ id }) => id)).size).toBe(count);
    expect(to(second, 'next')).toBe('');
    await sql(service.db, "delete from security_group where name like 'many-%'");
  });
  it('200: read backwards, the ways forth and back are where there is something', async () => {
    const names = ['back-a', 'back-b', 'back-c'];
    for (const name of names) await make('networks', { name });
    const query = `${names.map((name) => `name=${name}`).join('&')}&sort_key=name&sort_dir=asc`;
    const last = await read(`${V}/networks?${query}&limit=2&page_reverse=True`);
    expect(last.rows.map(({ name }) => name)).toEqual(['back-b', 'back-c']);
    expect(to(last, 'next')).toBe('');
    const before = await read(to(last, 'previous'));
    expect(before.rows.map(({ name }) => name)).toEqual(['back-a']);
    expect(to(before, 'previous')).toBe('');
    expect((await read(to(before, 'next'))).rows.map(({ name }) => name)).toEqual(['back-b', 'back-c']);
  });
  it('201, 409, 200: a rule for a network is taken by any address in it, kept once, and found by each', async () => {
    const { id: group } = await make('security-groups', { name: unique() });
    const rule = {
      security_group_id: group,
      direction: 'ingress',
      protocol: 'tcp',
      port_range_min: 1,
      port_range_max: 2,
    };
    const made = await make('security-group-rules', { ...rule, remote_ip_prefix: '10.0.0.5/24' });
    expect(made).toMatchObject({ remote_ip_prefix: '10.0.0.0/24', normalized_cidr: '10.0.0.0/24' });
    const wide = await make('security-group-rules', { ...rule, ethertype: 'IPv6', remote_ip_prefix: '2001:DB8::5/64' });
    expect(wide).toMatchObject({ remote_ip_prefix: '2001:db8::/64' });
    const again = await nets.refused('security-group-rules', { ...rule, remote_ip_prefix: '10.0.0.0/24' }, 409);
    expect(again.type).toBe('SecurityGroupRuleExists');
    for (const [prefix, found] of [
      ['10.0.0.0/24', made.id],
      ['10.0.0.5/24', made.id],
      ['2001:DB8::/64', wide.id],
    ]) {
      const query = `?security_group_id=${group}&remote_ip_prefix=${encodeURIComponent(prefix ?? '')}`;
      expect((await nets.list('security-group-rules', query)).map(({ id }) => id)).toEqual([found]);
    }
    expect(await nets.list('security-group-rules', `?security_group_id=${group}&remote_ip_prefix=x`)).toEqual([]);
  });
  it('201, 200: addresses are kept in one spelling, and found by any', async () => {
    const { id: network } = await make('networks', { name: unique() });
    const subnet = await make('subnets', {
      network_id: network,
      cidr: '2001:DB8:0::/64',
      gateway_ip: '2001:DB8::0001',
      dns_nameservers: ['2001:DB8::53'],
      allocation_pools: [{ start: '2001:DB8::10', end: '2001:DB8::FF' }],
      host_routes: [{ destination: '2001:DB8:1::/48', nexthop: '2001:DB8::2' }],
    });
    expect(subnet).toMatchObject({
      cidr: '2001:db8::/64',
      gateway_ip: '2001:db8::1',
      dns_nameservers: ['2001:db8::53'],
      allocation_pools: [{ start: '2001:db8::10', end: '2001:db8::ff' }],
      host_routes: [{ destination: '2001:db8:1::/48', nexthop: '2001:db8::2' }],
    });
    const port = await make('ports', { network_id: network, fixed_ips: [{ ip_address: '2001:DB8::0020' }] });
    for (const query of ['cidr=2001:DB8::/64', 'gateway_ip=2001:DB8::1'])
      expect((await nets.list('subnets', `?network_id=${network}&${query}`)).map(({ id }) => id)).toEqual([subnet.id]);
    const found = await nets.list('ports', `?network_id=${network}&fixed_ips=ip_address%3D2001:DB8::20`);
    expect(found.map(({ id }) => id)).toEqual([port.id]);
    for (const query of ['cidr=10.0.0.5/24', 'gateway_ip=10.0.0.1/24', 'cidr=x'])
      expect(await nets.list('subnets', `?${query}`)).toEqual([]);
  });
  it.each(['10.0.0.5/24', 'x', '::', '10.0.0.300'])('400: compute takes no %s for an address', async (address) => {
    const { network } = await nets.net();
    const server = { name: 'vm', imageRef: IMAGE, flavorRef: FLAVOR, networks: [{ uuid: network, fixed_ip: address }] };
    await face.user.post('/compute/v2.1/servers', { server }).expect(400);
    await face.user
      .post('/compute/v2.1/servers', { server: { ...server, networks: [{ uuid: network }], accessIPv4: address } })
      .expect(400);
  });
  it('400: end users do not ask by what only administrators are shown; 200: administrators do', async () => {
    const { network } = await nets.net();
    const server = { name: 'vm', imageRef: IMAGE, flavorRef: FLAVOR, networks: [{ uuid: network }] };
    await face.user.post('/compute/v2.1/servers', { server }).expect(202);
    await cloud.work();
    const seen = async (as: FaceAs) => (await nets.list('ports', `?network_id=${network}`, as))[0] as Thing;
    expect(await seen(face.user)).not.toHaveProperty('binding:host_id');
    const host = String((await seen(face.staff))['binding:host_id']);
    expect(host).not.toBe('');
    for (const value of [host, 'nowhere']) {
      const { body } = await face.user.get(`${V}/ports?binding:host_id=${value}`).expect(400);
      expect(body).toMatchObject({
        NeutronError: { message: "['binding:host_id'] is invalid attribute for filtering" },
      });
    }
    const found = async (value: string) =>
      (await nets.list('ports', `?network_id=${network}&binding:host_id=${value}`, face.staff)).length;
    expect([await found(host), await found('nowhere')]).toEqual([1, 0]);
    // Nova passes over such filters of end users.
    const listed = async (query: string, as: FaceAs) =>
      ((await as.get(`/compute/v2.1/servers?${query}`).expect(200)).body as { servers: object[] }).servers.length;
    for (const name of ['host', 'node']) {
      expect(await listed(`${name}=nowhere`, face.user)).toBe(await listed('', face.user));
      expect(await listed(`all_tenants=True&${name}=nowhere`, face.staff)).toBe(0);
    }
  });
  it('201: several at once are shown in their order, by as many statements as one', async () => {
    const names = Array.from({ length: 20 }, unique);
    const reads = async (count: number): Promise<number> => {
      const asked = jest.spyOn(pg.Client.prototype, 'query');
      try {
        const networks = names.slice(0, count).map((name) => ({ name: `${name}-${count}` }));
        const { body } = await face.user.post(`${V}/networks`, { networks }).expect(201);
        expect((body as { networks: Thing[] }).networks.map(({ name }) => name)).toEqual(
          networks.map(({ name }) => name),
        );
        return asked.mock.calls.filter((given) =>
          /from network x left join network_label/.test(JSON.stringify(given[0] as unknown)),
        ).length;
      } finally {
        asked.mockRestore();
      }
    };
    expect(await reads(20)).toBe(await reads(1));
  });
});
