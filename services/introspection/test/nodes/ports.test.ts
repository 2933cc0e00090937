import { randomUUID } from 'node:crypto';
import { faultOf, newMac, newNode, newPort, type SeenNode } from '../registry-seed.js';
import { useService } from '../support.js';

const service = useService();
const VERSION = 'X-OpenStack-Ironic-API-Version';
const api = (method: 'get' | 'post' | 'put' | 'patch' | 'delete', path: string) =>
  service.registry(method, path).set('Host', 'bm.example');
let node: SeenNode;
beforeAll(async () => {
  node = await newNode(service, { name: 'with-ports' });
});

describe('POST /v1/ports', () => {
  it('201: the port and its address; the MAC in lower case', async () => {
    const address = newMac();
    const link = { port_id: 'Eth1/1', switch_id: 'AA:BB:CC:DD:EE:FF', switch_info: 'tor' };
    const res = await api('post', '/v1/ports').send({
      node_uuid: node.uuid,
      address: address.toUpperCase(),
      extra: { a: [1] },
      pxe_enabled: false,
      local_link_connection: link,
      physical_network: 'physnet1',
    });
    expect(res.status).toBe(201);
    const { uuid } = res.body as SeenNode;
    expect(res.headers.location).toBe(`http://bm.example/baremetal/v1/ports/${uuid}`);
    expect(res.body).toEqual({
      uuid,
      address,
      node_uuid: node.uuid,
      extra: { a: [1] },
      internal_info: {},
      local_link_connection: { ...link, switch_id: 'aa:bb:cc:dd:ee:ff' },
      pxe_enabled: false,
      portgroup_uuid: null,
      physical_network: 'physnet1',
      is_smartnic: false,
      name: null,
      created_at: expect.stringMatching(/\+00:00$/) as string,
      updated_at: null,
      links: [
        { href: `http://bm.example/baremetal/v1/ports/${uuid}`, rel: 'self' },
        { href: `http://bm.example/baremetal/ports/${uuid}`, rel: 'bookmark' },
      ],
    });
  });
  it('201: as the inspector sends it', async () => {
    const body = { node_uuid: node.uuid, address: newMac(), extra: {}, pxe_enabled: true };
    const res = await api('post', '/v1/ports').set(VERSION, '1.34').send(body);
    expect([res.status, res.body.pxe_enabled]).toEqual([201, true]);
  });
  it.each<[string, object, string | RegExp]>([
    ['no address', { address: undefined }, /'address' is a required property/],
    ['no node', { node_uuid: undefined }, /'node_uuid' is a required property/],
    ['null as node', { node_uuid: null }, /node_uuid/],
    ['an unknown node', { node_uuid: '00000000-0000-4000-8000-000000000000' }, /Node 0.* could not be found/],
    ['a name as node', { node_uuid: 'with-ports' }, /Expected UUID for node_uuid/],
    ['no MAC', { address: 'xx' }, 'Expected a MAC address but received xx.'],
    ['a MAC with dashes', { address: '52-54-00-00-00-01' }, /Expected a MAC/],
    ['a long MAC', { address: '52:54:00:00:00:01:02' }, /Expected a MAC/],
    ['a list as MAC', { address: [] }, /Expected a MAC/],
    ['an unknown key', { colour: 'red' }, /'colour' was unexpected/],
    ['a field that nobody sets', { internal_info: {} }, /'internal_info' was unexpected/],
    ['extra as list', { extra: [] }, /extra/],
    ['pxe_enabled as number', { pxe_enabled: 7 }, /pxe_enabled/],
    ['a port group', { portgroup_uuid: '00000000-0000-4000-8000-000000000000' }, /Portgroup/],
    ['a long network', { physical_network: 'x'.repeat(65) }, /physical_network/],
    ['a link that lacks the switch', { local_link_connection: { port_id: '1' } }, /local_link_connection/],
    ['a link of other keys', { local_link_connection: { a: '1' } }, /'a' was unexpected/],
    ['a switch that is none', { local_link_connection: { port_id: '1', switch_id: 'x' } }, /datapath/],
    ['a link of numbers', { local_link_connection: { port_id: 1, switch_id: 2 } }, /port_id/],
  ])('400: %s', async (_what, fields, said) => {
    const body = { node_uuid: node.uuid, address: newMac(), ...fields };
    const res = await api('post', '/v1/ports').send(body);
    expect(res.status).toBe(400);
    if (typeof said === 'string') expect(faultOf(res.body)).toBe(said);
    else expect(faultOf(res.body)).toMatch(said);
  });
  it('409: a MAC and a UUID that are taken; for one of two at once', async () => {
    const port = await newPort(service, node);
    const other = await newNode(service);
    const again = await api('post', '/v1/ports').send({
      node_uuid: other.uuid,
      address: String(port.address).toUpperCase(),
    });
    expect([again.status, faultOf(again.body)]).toEqual([
      409,
      `A port with MAC address ${String(port.address)} already exists.`,
    ]);
    const same = await api('post', '/v1/ports').send({ uuid: port.uuid, node_uuid: other.uuid, address: newMac() });
    expect([same.status, faultOf(same.body)]).toEqual([409, `A port with UUID ${port.uuid} already exists.`]);
    const body = { node_uuid: other.uuid, address: newMac() };
    const both = await Promise.all([0, 1].map(() => api('post', '/v1/ports').send(body)));
    expect(both.map(({ status }) => status).sort()).toEqual([201, 409]);
  });
  it('406: a field that is newer', async () => {
    const body = { node_uuid: node.uuid, address: newMac(), physical_network: 'x' };
    expect((await api('post', '/v1/ports').set(VERSION, '1.33').send(body)).status).toBe(406);
  });
});

describe('lists of ports', () => {
  let other: SeenNode;
  const ports: SeenNode[] = [];
  beforeAll(async () => {
    other = await newNode(service, { name: 'three-ports' });
    for (let i = 0; i < 3; i += 1) ports.push(await newPort(service, other, { pxe_enabled: i > 0 }));
  });
  const uuids = async (path: string): Promise<string[]> => {
    const res = await api('get', path);
    expect([res.status, res.body.error_message]).toEqual([200, undefined]);
    return (res.body as { ports: SeenNode[] }).ports.map(({ uuid }) => uuid);
  };
  it('200: by node, name, UUID and address; brief and in detail', async () => {
    const all = ports.map(({ uuid }) => uuid);
    for (const path of [
      `/v1/ports?node=${other.uuid}`,
      '/v1/ports?node=three-ports',
      `/v1/ports?node_uuid=${other.uuid}`,
      `/v1/ports/detail?node=${other.uuid}`,
      `/v1/nodes/${other.uuid}/ports`,
      '/v1/nodes/three-ports/ports/detail',
    ])
      expect([path, await uuids(path)]).toEqual([path, all]);
    expect(await uuids(`/v1/ports?address=${String(ports[1]?.address).toUpperCase()}`)).toEqual([all[1]]);
    expect(await uuids(`/v1/ports?node=${other.uuid}&sort_key=pxe_enabled&sort_dir=desc&limit=1`)).toEqual([all[2]]);
    expect(await uuids(`/v1/ports?node=${other.uuid}&node_uuid=${node.uuid}`)).toEqual([]);
    const brief = (await api('get', '/v1/nodes/three-ports/ports')).body as { ports: SeenNode[] };
    expect(Object.keys(brief.ports[0] as SeenNode).sort()).toEqual(['address', 'links', 'name', 'uuid']);
    const whole = (await api('get', `/v1/ports/detail?node=${other.uuid}`)).body as { ports: SeenNode[] };
    expect(whole.ports[0]).toEqual((await api('get', `/v1/ports/${String(all[0])}`)).body);
  });
  it('200: at the version of the inspector', async () => {
    const res = await api('get', `/v1/ports/detail?node=${other.uuid}`).set(VERSION, '1.34');
    expect(Object.keys(res.body.ports[0] as object).sort()).toEqual([
      ...['address', 'created_at', 'extra', 'internal_info', 'links', 'local_link_connection', 'node_uuid'],
      ...['physical_network', 'portgroup_uuid', 'pxe_enabled', 'updated_at', 'uuid'],
    ]);
  });
  it('next leads to the end', async () => {
    const seen: string[] = [];
    let path: string | undefined = `/v1/nodes/${other.uuid}/ports?limit=2`;
    for (let i = 0; i < 3 && path !== undefined; i += 1) {
      const { ports: page, next } = (await api('get', path)).body as { ports: SeenNode[]; next?: string };
      seen.push(...page.map(({ uuid }) => uuid));
      path = next?.replace('http://bm.example/baremetal', '');
    }
    expect(seen).toEqual(ports.map(({ uuid }) => uuid));
  });
  it.each([
    [404, '/v1/ports?node=nope'],
    [404, '/v1/nodes/nope/ports'],
    [404, `/v1/ports/${randomUUID()}`],
    [404, `/v1/ports?marker=${randomUUID()}`],
    [400, '/v1/ports?address=x'],
    [400, '/v1/ports?node_uuid=x'],
    [400, '/v1/ports?limit=0'],
    [400, '/v1/ports?sort_key=extra'],
    [400, '/v1/ports?fields=nope'],
    [400, '/v1/ports?colour=red'],
    [400, '/v1/ports/nope'],
    [400, '/v1/ports/%00'],
  ])('%i: %s', async (status, path) => {
    const res = await api('get', path);
    expect([res.status, typeof faultOf(res.body)]).toEqual([status, 'string']);
  });
  it('404: the marker of a list of nodes', async () => {
    expect((await api('get', `/v1/ports?marker=${other.uuid}`)).status).toBe(404);
    expect((await api('get', `/v1/nodes?marker=${String(ports[0]?.uuid)}`)).status).toBe(404);
  });
});

describe('PATCH and DELETE /v1/ports/{port}', () => {
  const patch = (port: SeenNode, body: unknown) =>
    api('patch', `/v1/ports/${port.uuid}`)
      .set('Content-Type', 'application/json')
      .send(body as object);
  it('200: as the inspector does it', async () => {
    const port = await newPort(service, node);
    const link = (key: string, value: string) => ({ op: 'add', path: `/local_link_connection/${key}`, value });
    const res = await patch(port, [
      link('port_id', '734'),
      link('switch_id', '11:22:33:AA:BB:CC'),
      { op: 'replace', path: '/pxe_enabled', value: false },
    ]);
    expect(res.body).toMatchObject({
      pxe_enabled: false,
      local_link_connection: { port_id: '734', switch_id: '11:22:33:aa:bb:cc' },
    });
    const away = await patch(port, [
      { op: 'remove', path: '/pxe_enabled' },
      { op: 'remove', path: '/local_link_connection' },
    ]);
    expect(away.body).toMatchObject({ pxe_enabled: true, local_link_connection: {} });
  });
  it('200: to another node and another MAC', async () => {
    const [port, other, address] = [await newPort(service, node), await newNode(service), newMac()];
    const res = await patch(port, [
      { op: 'replace', path: '/node_uuid', value: other.uuid },
      { op: 'replace', path: '/address', value: address },
    ]);
    expect([res.status, res.body.node_uuid, res.body.address]).toEqual([200, other.uuid, address]);
  });
  it.each<[number, string, unknown]>([
    [400, 'an object', {}],
    [400, 'the UUID', [{ op: 'replace', path: '/uuid', value: randomUUID() }]],
    [400, '__proto__', [{ op: 'add', path: '/__proto__/a', value: 1 }]],
    [400, 'no address', [{ op: 'remove', path: '/address' }]],
    [400, 'null as node', [{ op: 'replace', path: '/node_uuid', value: null }]],
    [400, 'an unknown node', [{ op: 'replace', path: '/node_uuid', value: randomUUID() }]],
    [400, 'a bad MAC', [{ op: 'replace', path: '/address', value: 'x' }]],
    [400, 'what is not there', [{ op: 'remove', path: '/extra/none' }]],
    [400, 'half a link', [{ op: 'add', path: '/local_link_connection/port_id', value: '1' }]],
  ])('%i: %s', async (status, _what, body) => {
    const port = await newPort(service, node);
    const res = await patch(port, body);
    expect([res.status, typeof faultOf(res.body)]).toEqual([status, 'string']);
    expect((await api('get', `/v1/ports/${port.uuid}`)).body).toEqual(
      expect.objectContaining({ address: port.address }),
    );
  });
  it('409: the MAC of another port', async () => {
    const [a, b] = [await newPort(service, node), await newPort(service, node)];
    expect((await patch(a, [{ op: 'replace', path: '/address', value: b.address }])).status).toBe(409);
  });
  it('204, then 404; ports go with their node', async () => {
    const [gone, with_] = [await newPort(service, node), await newNode(service)];
    const port = await newPort(service, with_);
    expect((await api('delete', `/v1/ports/${gone.uuid}`)).status).toBe(204);
    expect((await api('delete', `/v1/ports/${gone.uuid}`)).status).toBe(404);
    expect((await api('delete', `/v1/nodes/${with_.uuid}`)).status).toBe(204);
    expect((await api('get', `/v1/ports/${port.uuid}`)).status).toBe(404);
  });
});
