import { sql } from '@nefos/service-kit';
import { randomUUID } from 'node:crypto';
import { useFaces } from '../facade/face-support.js';
import { unique, useNet } from '../networking/network-support.js';
import { useRoom } from './server-support.js';

const SERVERS = '/compute/v2.1/servers';
const GROUPS = '/network/v2.0/security-groups';
const AWAY = 'Region7';
interface Rule {
  direction: string;
  ethertype: string;
  protocol: string | null;
  port_range_min: number | null;
  remote_ip_prefix: string | null;
  remote_group_id: string | null;
}
interface Group {
  id: string;
  name: string;
  security_group_rules: Rule[];
}

describe('security groups of a create in another region', () => {
  const net = useNet();
  const { service } = net;
  const face = useFaces(service);
  useRoom(net, face);
  const [flavor, image, network] = [randomUUID(), randomUUID(), randomUUID()];
  beforeAll(async () => {
    await sql(service.db, 'insert into region (id) values ($1)', [AWAY]);
    await sql(
      service.db,
      `insert into flavor (id, region_id, name, vcpus, memory_mb, root_gb) values ($1, $2, 'away', 1, 128, 1)`,
      [flavor, AWAY],
    );
    await sql(
      service.db,
      `insert into image (id, region_id, name, visibility, status, type, disk_format)
      values ($1, $2, 'away', 'public', 'active', 'template', 'qcow2')`,
      [image, AWAY],
    );
    await sql(service.db, `insert into network (id, region_id, name, shared) values ($1, $2, 'away', true)`, [
      network,
      AWAY,
    ]);
    const project = face.project.replaceAll('-', '');
    const room = { security_group: 100, security_group_rule: 1000, force: true };
    await service.staff.patch(`/staffapi/openstack/quotas/${project}`, room).expect(200);
  });
  const group = async (name: string, ...rules: object[]): Promise<Group> => {
    const { body } = await face.user.post(GROUPS, { security_group: { name } }).expect(201);
    const made = (body as { security_group: Group }).security_group;
    for (const rule of rules)
      await face.user
        .post('/network/v2.0/security-group-rules', {
          security_group_rule: { security_group_id: made.id, direction: 'ingress', ...rule },
        })
        .expect(201);
    return made;
  };
  const create = (names: readonly string[]) =>
    face.user.post(SERVERS, {
      server: {
        name: 'away',
        flavorRef: flavor,
        imageRef: image,
        networks: [{ uuid: network }],
        security_groups: names.map((name) => ({ name })),
      },
    });
  /** Groups of the new server, with region and rules. */
  const groupsOf = (id: string) =>
    sql<{ id: string; name: string; region_id: string; rules: string[] }>(
      service.db,
      `select g.id, g.name, g.region_id, (select array_agg(concat_ws(' ', direction, ethertype, protocol, port_min,
          text(remote_prefix), (select o.name || '@' || o.region_id from security_group o where o.id = r.remote_group_id))
          order by direction, ethertype, protocol, port_min) from security_group_rule r
          where r.security_group_id = g.id) rules
      from security_group g join port_security_group x on x.security_group_id = g.id join port p on p.id = x.port_id
      where p.instance_id = $1 order by g.name`,
      [id],
    );
  const made = async (names: readonly string[]) => {
    const res = await create(names);
    if (res.status !== 202) throw new Error(`${res.status} ${res.text}`);
    await net.work();
    const { id } = (res.body as { server: { id: string } }).server;
    return { id, groups: await groupsOf(id) };
  };

  it('202: by name and by id, with the rules that it has where it was made; once', async () => {
    const [web, db] = [unique('web'), unique('db')];
    const first = await group(web, { protocol: 'tcp', port_range_min: 443, port_range_max: 443 });
    const second = await group(
      db,
      { remote_group_id: first.id },
      { protocol: 'icmp', remote_ip_prefix: '192.0.2.0/24' },
    );
    const { id, groups } = await made([web, second.id]);
    expect(groups).toMatchObject([
      {
        name: db,
        region_id: AWAY,
        rules: ['egress IPv4', 'egress IPv6', 'ingress IPv4 icmp 192.0.2.0/24', `ingress IPv4 ${web}@${AWAY}`],
      },
      { name: web, region_id: AWAY, rules: ['egress IPv4', 'egress IPv6', 'ingress IPv4 tcp 443'] },
    ]);
    const { body } = await face.user.get(`${SERVERS}/${id}`).expect(200);
    expect((body as { server: { status: string } }).server.status).toBe('ACTIVE');
    expect((await made([first.id, db])).groups.map((one) => one.id)).toEqual(groups.map((one) => one.id));
  });
  it('202: a server gets one when it is there, and gives it back by the id of that in the first region', async () => {
    const late = await group(unique('late'), { protocol: 'udp', port_range_min: 53, port_range_max: 53 });
    const { id } = await made([]);
    const act = (body: object, as = face.user) => as.post(`${SERVERS}/${id}/action`, body);
    await act({ addSecurityGroup: { name: late.id } }, face.reader).expect(403);
    await act({ addSecurityGroup: { name: late.id } }, face.stranger).expect(404);
    await act({ addSecurityGroup: { name: 'nothing' } }).expect(404);
    expect(await groupsOf(id)).toMatchObject([{ name: 'default' }]);
    expect(await sql(service.db, 'select 1 from security_group where name = $1', [late.name])).toHaveLength(1);
    await act({ addSecurityGroup: { name: late.id } }).expect(202);
    expect(await groupsOf(id)).toMatchObject([{ name: 'default' }, { name: late.name, region_id: AWAY }]);
    await net.work();
    await act({ removeSecurityGroup: { name: late.id } }).expect(202);
    expect(await groupsOf(id)).toMatchObject([{ name: 'default' }]);
  });
  it('202: two groups that let each other in, and one that lets nothing out', async () => {
    const [one, other] = [unique('one'), unique('other')];
    const first = await group(one, {});
    const second = await group(other, { remote_group_id: first.id });
    await face.user
      .post('/network/v2.0/security-group-rules', {
        security_group_rule: { security_group_id: first.id, direction: 'ingress', remote_group_id: second.id },
      })
      .expect(201);
    await sql(service.db, `delete from security_group_rule where security_group_id = $1 and direction = 'egress'`, [
      second.id,
    ]);
    const { groups } = await made([one]);
    expect(groups[0]?.rules).toContain(`ingress IPv4 ${other}@${AWAY}`);
    const rules = await sql<{ direction: string }>(
      service.db,
      `select direction from security_group_rule r join security_group g on g.id = r.security_group_id
      where g.name = $1 and g.region_id = $2`,
      [other, AWAY],
    );
    expect(rules).toEqual([{ direction: 'ingress' }]);
  });
  it('202: the default group is that of the region', async () => {
    await group(unique('any'));
    expect((await made(['default'])).groups).toMatchObject([{ name: 'default', region_id: AWAY }]);
    const [first] = await sql<{ id: string }>(
      service.db,
      `select g.id from security_group g join project p on p.id = g.project_id join service s on s.id = p.service_id
      where s.client_id = $1 and g.is_default and g.region_id = 'Region1'`,
      [service.ownClient],
    );
    expect((await made([first?.id ?? ''])).groups).toMatchObject([{ name: 'default', region_id: AWAY }]);
  });
  it('400, 409 and nothing is made: none of the name, several, a stranger’s', async () => {
    const twice = unique('twice');
    await group(twice);
    await group(twice);
    const { body } = await face.stranger.post(GROUPS, { security_group: { name: unique('theirs') } }).expect(201);
    const { id } = (body as { security_group: Group }).security_group;
    const own = unique('own');
    await group(own);
    const count = () => sql(service.db, 'select count(*)::int from security_group where region_id = $1', [AWAY]);
    const before = await count();
    await create([own, 'nothing']).expect(400);
    await create([own, id]).expect(400);
    await create([own, twice]).expect(409);
    expect(await count()).toEqual(before);
  });
});
