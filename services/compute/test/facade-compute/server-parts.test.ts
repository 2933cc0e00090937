import { useFaces } from '../facade/face-support.js';
import { NETWORK, unique, useNet } from '../networking/network-support.js';
import { useRoom } from './server-support.js';

const at = (id: string, part: string): string => `/compute/v2.1/servers/${id}/${part}`;
const NOBODY = '5d0f1c2e-7a41-4b53-9c0d-2f6a1be4a009';

describe('interfaces and addresses of a server', () => {
  const net = useNet();
  const face = useFaces(net.service);
  useRoom(net, face);

  it('200: an interface is added, shown and taken away', async () => {
    const server = await net.build();
    const { network, subnet } = await net.shared('10.81.0.0/24');
    const { body } = await face.user
      .post(at(server, 'os-interface'), {
        interfaceAttachment: { net_id: network, fixed_ips: [{ ip_address: '10.81.0.9' }] },
      })
      .expect(200);
    const { port_id: port } = (body as { interfaceAttachment: { port_id: string } }).interfaceAttachment;
    expect(body).toEqual({
      interfaceAttachment: {
        net_id: network,
        port_id: port,
        mac_addr: expect.stringMatching(/^([0-9a-f]{2}:){5}/) as string,
        port_state: 'BUILD',
        fixed_ips: [{ subnet_id: subnet, ip_address: '10.81.0.9' }],
      },
    });
    await net.work();
    const { body: shown } = await face.user.get(at(server, `os-interface/${port}`), 'compute 2.70').expect(200);
    expect(shown).toMatchObject({ interfaceAttachment: { port_state: 'ACTIVE', tag: null } });
    const { body: list } = await face.user.get(at(server, 'os-interface')).expect(200);
    expect((list as { interfaceAttachments: object[] }).interfaceAttachments).toHaveLength(2);
    expect((await face.user.delete(at(server, `os-interface/${port}`)).expect(202)).text).toBe('');
    await net.work();
    await face.user.get(at(server, `os-interface/${port}`)).expect(404);
  });
  it.each([
    [{}, 400],
    [{ net_id: NETWORK, port_id: NOBODY }, 400],
    [{ fixed_ips: [{ ip_address: '10.0.0.9' }] }, 400],
    [{ net_id: NETWORK, fixed_ips: [{ ip_address: 'x' }] }, 400],
    [{ net_id: NETWORK, tag: 'a' }, 400],
    [{ net_id: 'x' }, 400],
    [{ net_id: NOBODY }, 400],
    [{ port_id: NOBODY }, 400],
  ])('%#: an interface that can not be made: %j', async (interfaceAttachment, status) => {
    const server = await net.build();
    await face.user.post(at(server, 'os-interface'), { interfaceAttachment }).expect(status);
    await face.user.delete(at(server, `os-interface/${NOBODY}`)).expect(404);
    const { body } = await face.user.get(at(server, 'os-interface')).expect(200);
    expect((body as { interfaceAttachments: object[] }).interfaceAttachments).toHaveLength(1);
  });
  it('200: security groups with what they let in', async () => {
    const { user } = net.service;
    const group = await net.made(user, '/api/openstack/securitygroups', { region: 'Region1', name: unique('web') });
    await net.made(user, `/api/openstack/securitygroups/${group.id}/rules`, {
      direction: 'ingress',
      protocol: 'tcp',
      port_range_min: 80,
      port_range_max: 81,
    });
    const server = await net.build({ security_groups: [group.id] });
    const { body } = await face.user.get(at(server, 'os-security-groups')).expect(200);
    expect(body).toEqual({
      security_groups: [
        {
          id: group.id,
          name: expect.stringContaining('web') as string,
          description: '',
          tenant_id: face.project,
          rules: [
            {
              id: expect.any(String) as string,
              parent_group_id: group.id,
              ip_protocol: 'tcp',
              from_port: 80,
              to_port: 81,
              ip_range: { cidr: '0.0.0.0/0' },
              group: {},
            },
          ],
        },
      ],
    });
  });
  it('200: addresses by network', async () => {
    const server = await net.build();
    const { body } = await face.user.get(at(server, 'ips')).expect(200);
    const { addresses } = body as { addresses: Record<string, { version: number; addr: string }[]> };
    const [[name, list] = ['', []]] = Object.entries(addresses);
    expect(list).toEqual([{ version: 4, addr: expect.stringMatching(/^\d+\./) as string }]);
    expect((await face.user.get(at(server, `ips/${name}`)).expect(200)).body).toEqual({ [name]: list });
    for (const other of ['nothing', '__proto__', 'constructor'])
      await face.user.get(at(server, `ips/${other}`)).expect(404);
  });
  it('200: diagnostics are for administrators, and of a running server', async () => {
    const server = await net.build();
    await face.user.get(at(server, 'diagnostics')).expect(403);
    await face.stranger.get(at(server, 'diagnostics')).expect(404);
    expect((await face.staff.get(at(server, 'diagnostics')).expect(200)).body).toEqual({});
    const { body } = await face.staff.get(at(server, 'diagnostics'), 'compute 2.48').expect(200);
    expect(body).toMatchObject({ state: 'running', driver: 'sim', num_cpus: 1, num_nics: 1, num_disks: 1 });
    await net.act(server, 'stop').expect(200);
    await net.work();
    await face.staff.get(at(server, 'diagnostics'), 'compute 2.48').expect(409);
  });
  it('200: a guest tells no password', async () => {
    const server = await net.build();
    expect((await face.user.get(at(server, 'os-server-password')).expect(200)).body).toEqual({ password: '' });
    await face.user.delete(at(server, 'os-server-password')).expect(204);
  });
  it('404: a stranger sees nothing of it', async () => {
    const server = await net.build();
    for (const part of [
      'os-interface',
      'os-security-groups',
      'ips',
      'ips/private',
      'os-server-password',
      'os-instance-actions',
    ])
      await face.stranger.get(at(server, part)).expect(404);
  });

  it('201: tags are added one by one, replaced, and taken away, from 2.26 on', async () => {
    const server = await net.build({ tags: ['old'] });
    const [tags, v] = [at(server, 'tags'), 'compute 2.26'];
    await face.user.get(tags).expect(404);
    expect((await face.user.get(tags, v).expect(200)).body).toEqual({ tags: ['old'] });
    const { headers } = await face.user.put(`${tags}/new`, undefined, v).expect(201);
    expect(headers.location).toBe(`http://cloud.test${tags}/new`);
    await face.user.put(`${tags}/new`, undefined, v).expect(204);
    await face.user.get(`${tags}/new`, v).expect(204);
    await face.user.get(`${tags}/none`, v).expect(404);
    await face.user.delete(`${tags}/old`, v).expect(204);
    await face.user.delete(`${tags}/old`, v).expect(404);
    expect((await face.user.get(tags, v).expect(200)).body).toEqual({ tags: ['new'] });
    expect((await face.user.put(tags, { tags: ['a', 'b', 'a'] }, v).expect(200)).body).toEqual({ tags: ['a', 'b'] });
    await face.user.delete(tags, v).expect(204);
    expect((await face.user.get(tags, v).expect(200)).body).toEqual({ tags: [] });
  });
  it('400: tags that Nova does not take, and one too many', async () => {
    const server = await net.build();
    const [tags, v] = [at(server, 'tags'), 'compute 2.26'];
    await face.user.put(`${tags}/a%2Cb`, undefined, v).expect(400);
    await face.user.put(`${tags}/${'x'.repeat(61)}`, undefined, v).expect(400);
    for (const wrong of [['a/b'], ['x'.repeat(61)], [1], [''], Array.from({ length: 51 }, (_one, i) => `t${i}`)])
      await face.user.put(tags, { tags: wrong }, v).expect(400);
    await face.user.put(tags, { tags: Array.from({ length: 50 }, (_one, i) => `t${i}`) }, v).expect(200);
    await face.user.put(`${tags}/more`, undefined, v).expect(400);
  });
  it('201: tags that are added at once are all there', async () => {
    const server = await net.build();
    const names = Array.from({ length: 8 }, (_one, i) => `t${i}`);
    await Promise.all(
      names.map((one) => face.user.put(at(server, `tags/${one}`), undefined, 'compute 2.26').expect(201)),
    );
    const { body } = await face.user.get(at(server, 'tags'), 'compute 2.26').expect(200);
    expect([...(body as { tags: string[] }).tags].sort()).toEqual(names);
  });
  it('409: a locked server keeps its tags and interfaces', async () => {
    const server = await net.build();
    await net.act(server, 'lock', {}).expect(200);
    await face.user.put(at(server, 'tags/new'), undefined, 'compute 2.26').expect(409);
    await face.user.delete(at(server, 'os-server-password')).expect(409);
    await face.user.post(at(server, 'os-interface'), { interfaceAttachment: { net_id: NETWORK } }).expect(409);
  });

  it('200: a console, from 2.6 on', async () => {
    const server = await net.build();
    const body = { remote_console: { protocol: 'vnc', type: 'novnc' } };
    await face.user.post(at(server, 'remote-consoles'), body).expect(404);
    const { body: made } = await face.user.post(at(server, 'remote-consoles'), body, 'compute 2.8').expect(200);
    expect(made).toEqual({
      remote_console: { protocol: 'vnc', type: 'novnc', url: expect.stringContaining('http') as string },
    });
    for (const [protocol, type] of [
      ['spice', 'spice-html5'],
      ['vnc', 'serial'],
      ['vnc', 'colour'],
    ])
      await face.user
        .post(at(server, 'remote-consoles'), { remote_console: { protocol, type } }, 'compute 2.8')
        .expect(400);
    await face.reader.post(at(server, 'remote-consoles'), body, 'compute 2.8').expect(403);
    await face.stranger.post(at(server, 'remote-consoles'), body, 'compute 2.8').expect(404);
    await net.act(server, 'stop').expect(200);
    await net.work();
    await face.user.post(at(server, 'remote-consoles'), body, 'compute 2.8').expect(409);
  });

  it('200: live migrations that go on, for administrators', async () => {
    const server = await net.build();
    const [path, v] = [at(server, 'migrations'), 'compute 2.80'];
    await face.staff.get(path).expect(404);
    await face.user.get(path, v).expect(403);
    expect((await face.staff.get(path, v).expect(200)).body).toEqual({ migrations: [] });
    await net.act(server, 'migrate', { live: true }).expect(200);
    const { body } = await face.staff.get(path, v).expect(200);
    const [one] = (body as { migrations: { id: number }[] }).migrations;
    expect(one).toMatchObject({ status: 'queued', server_uuid: server, project_id: face.project });
    await face.staff.get(`${path}/${one?.id}`, v).expect(200);
    await face.staff.get(`${path}/1`, v).expect(404);
    await face.user.delete(`${path}/${one?.id}`, v).expect(403);
    await face.staff.delete(`${path}/${one?.id}`, v).expect(202);
  });
});
