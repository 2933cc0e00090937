import { randomUUID } from 'node:crypto';
import { sql } from '@nefos/service-kit';
import { faultOf, newNode, type SeenNode } from '../registry-seed.js';
import { useService } from '../support.js';

const service = useService();
const VERSION = 'X-OpenStack-Ironic-API-Version';
/** As all callers know the registry by one name. */
const api = (method: 'get' | 'post' | 'put' | 'patch' | 'delete', path: string) =>
  service.registry(method, path).set('Host', 'bm.example');
const name = (): string => `n-${randomUUID().slice(0, 12)}`;
const state = (uuid: string, provision: string, target: string | null = null) =>
  sql(service.db, 'update node set provision_state = $2, target_provision_state = $3 where uuid = $1', [
    uuid,
    provision,
    target,
  ]);
const show = async (ref: string, query = ''): Promise<SeenNode> => {
  const res = await api('get', `/v1/nodes/${ref}${query}`);
  expect(res.status).toBe(200);
  return res.body as SeenNode;
};

describe('POST /v1/nodes', () => {
  it('201: the node, its address, the state enroll', async () => {
    const called = name();
    const res = await api('post', '/v1/nodes')
      .set('Host', 'bm.example')
      .send({
        driver: 'redfish',
        name: called,
        driver_info: { redfish_address: 'https://10.0.0.3', redfish_password: 'secret' },
        properties: { cpus: '4' },
        extra: { rack: 7 },
        resource_class: 'large',
        description: 'a machine',
        owner: 'me',
        inspect_interface: 'redfish',
      });
    expect(res.status).toBe(201);
    const { uuid } = res.body as SeenNode;
    expect(res.headers.location).toBe(`http://bm.example/baremetal/v1/nodes/${uuid}`);
    expect(res.body).toMatchObject({
      name: called,
      driver: 'redfish',
      driver_info: { redfish_address: 'https://10.0.0.3', redfish_password: '******' },
      properties: { cpus: '4' },
      extra: { rack: 7 },
      resource_class: 'large',
      owner: 'me',
      provision_state: 'enroll',
      power_state: null,
      maintenance: false,
      inspect_interface: 'redfish',
      power_interface: 'redfish',
      updated_at: null,
      links: [
        { href: `http://bm.example/baremetal/v1/nodes/${uuid}`, rel: 'self' },
        { href: `http://bm.example/baremetal/nodes/${uuid}`, rel: 'bookmark' },
      ],
    });
    expect(res.body.created_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?\+00:00$/);
    expect(res.text).not.toContain('secret');
  });
  it('201: the key set of 1.78 is that of the contract', async () => {
    const { uuid } = await newNode(service);
    const res = await api('get', `/v1/nodes/${uuid}`).set(VERSION, '1.78');
    const expected =
      'uuid created_at updated_at automated_clean bios_interface boot_interface boot_mode clean_step ' +
      'conductor_group console_enabled console_interface deploy_interface deploy_step description driver ' +
      'driver_info driver_internal_info extra fault inspection_finished_at inspection_started_at ' +
      'inspect_interface instance_info instance_uuid last_error lessee maintenance maintenance_reason ' +
      'management_interface name network_data network_interface owner power_interface power_state properties ' +
      'protected protected_reason provision_state provision_updated_at raid_config raid_interface ' +
      'rescue_interface reservation resource_class retired retired_reason secure_boot storage_interface ' +
      'target_power_state target_provision_state target_raid_config traits vendor_interface links conductor ' +
      'allocation_uuid chassis_uuid ports states portgroups volume';
    expect(Object.keys(res.body as object).sort()).toEqual(expected.split(' ').sort());
    for (const field of ['driver_info', 'extra', 'clean_step', 'raid_config', 'network_data'])
      expect(res.body[field]).toEqual({});
    for (const field of ['name', 'fault', 'last_error', 'boot_mode', 'reservation', 'instance_uuid'])
      expect(res.body[field]).toBeNull();
  });
  it.each<[string, unknown, string | RegExp]>([
    ['no driver', {}, /'driver' is a required property/],
    ['an unknown driver', { driver: 'nope' }, /No valid host was found.*nope/],
    ['a driver that is no text', { driver: 7 }, /driver/],
    ['an unknown key', { driver: 'redfish', colour: 'red' }, /'colour' was unexpected/],
    ['a field that nobody sets', { driver: 'redfish', provision_state: 'active' }, /provision_state/],
    ['a name like a path', { driver: 'redfish', name: 'a/b' }, "Cannot create node with invalid name 'a/b'"],
    ['an empty name', { driver: 'redfish', name: '' }, "Cannot create node with invalid name ''"],
    ['a name like a UUID', { driver: 'redfish', name: randomUUID() }, /invalid name/],
    ['a reserved name', { driver: 'redfish', name: 'detail' }, /The word "detail" is reserved/],
    ['a name that is a list', { driver: 'redfish', name: ['a'] }, /name/],
    ['a long name', { driver: 'redfish', name: 'x'.repeat(256) }, /name/],
    ['no UUID', { driver: 'redfish', uuid: 'x' }, 'Expected UUID for uuid: x'],
    ['properties as list', { driver: 'redfish', properties: [] }, /properties/],
    ['driver_info as text', { driver: 'redfish', driver_info: 'x' }, /driver_info/],
    ['a long resource class', { driver: 'redfish', resource_class: 'x'.repeat(81) }, /resource_class.*too long/],
    ['a long description', { driver: 'redfish', description: 'x'.repeat(4097) }, /description.*too long/],
    ['an interface of another driver', { driver: 'redfish', power_interface: 'ipmitool' }, /'ironic.hardware/],
    ['a truth value that is none', { driver: 'redfish', retired: 'maybe' }, /Unrecognized value 'maybe'/],
    ['a chassis', { driver: 'redfish', chassis_uuid: randomUUID() }, /Chassis .* could not be found/],
    ['a list', [], /./],
    ['a text', '"x"', /./],
    ['nothing', undefined, /./],
    ['broken JSON', '{', /The body is not valid/],
    ['NUL', { driver: 'redfish', extra: { a: 'x\0' } }, /./],
    ['half a surrogate pair', '{"driver":"redfish","extra":{"a":"\\ud800"}}', /./],
    ['__proto__', '{"driver":"redfish","__proto__":{"a":1}}', /./],
    ['deep nesting', `{"driver":"redfish","extra":${'[['.repeat(60)}${']]'.repeat(60)}}`, /nested deeper/],
    ['a number too long', '{"driver":"redfish","extra":{"a":[90071992547409931]}}', /more digits than can be kept/],
    ['101 keys', Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`k${i}`, 1])), /./],
  ])('400: %s', async (_what, body, said) => {
    const before = await sql(service.db, 'select count(*) from node');
    const res = await api('post', '/v1/nodes')
      .set('Content-Type', 'application/json')
      .send(body as string);
    expect(res.status).toBe(400);
    if (typeof said === 'string') expect(faultOf(res.body)).toBe(said);
    else expect(faultOf(res.body)).toMatch(said);
    expect(await sql(service.db, 'select count(*) from node')).toEqual(before);
  });
  it('409: name, UUID and instance are taken', async () => {
    const [called, instance] = [name(), randomUUID()];
    const { uuid } = await newNode(service, { name: called, instance_uuid: instance });
    for (const [fields, said] of [
      [{ name: called }, `A node with name ${called} already exists.`],
      [{ uuid: uuid.toUpperCase() }, `A node with UUID ${uuid} already exists.`],
      [{ instance_uuid: instance }, `Instance ${instance} is already associated with a node`],
    ] as const) {
      const res = await api('post', '/v1/nodes').send({ driver: 'fake-hardware', ...fields });
      expect([res.status, faultOf(res.body)]).toEqual([409, expect.stringContaining(said)]);
    }
  });
  it('409 for one of two at once with the same name', async () => {
    const body = { driver: 'fake-hardware', name: name() };
    const both = await Promise.all([0, 1].map(() => api('post', '/v1/nodes').send(body)));
    expect(both.map(({ status }) => status).sort()).toEqual([201, 409]);
  });
  it('413: more than 1 MiB', async () => {
    const extra = { a: 'x'.repeat(1024 * 1024) };
    const res = await api('post', '/v1/nodes').send({ driver: 'fake-hardware', extra });
    expect(res.status).toBe(413);
    expect(faultOf(res.body)).toMatch(/too large/);
  });
});

describe('microversions', () => {
  const at = (version: string | undefined, path: string) => {
    const test = service.call('get', `/baremetal${path}`);
    return version === undefined ? test : test.set(VERSION, version);
  };
  it('absent is 1.1: the old fields, no name; each newer field from its version on', async () => {
    const { uuid } = await newNode(service, { name: name() });
    const keys = async (version?: string): Promise<string[]> =>
      Object.keys((await at(version, `/v1/nodes/${uuid}`)).body as object);
    const old = await keys();
    expect(old).toEqual(await keys('1.1'));
    expect(old.sort()).toEqual(
      [
        ...['chassis_uuid', 'console_enabled', 'created_at', 'driver', 'driver_info', 'extra', 'instance_info'],
        ...['instance_uuid', 'last_error', 'links', 'maintenance', 'maintenance_reason', 'ports', 'power_state'],
        ...['properties', 'provision_state', 'provision_updated_at', 'reservation', 'target_power_state'],
        ...['target_provision_state', 'updated_at', 'uuid'],
      ].sort(),
    );
    for (const [field, since] of Object.entries({
      ...{ driver_internal_info: 3, name: 5, inspection_started_at: 6, clean_step: 7, raid_config: 12, states: 14 },
      ...{ network_interface: 20, resource_class: 21, portgroups: 24, power_interface: 31, volume: 32 },
      ...{ storage_interface: 33, traits: 37, rescue_interface: 38, bios_interface: 40, fault: 42, deploy_step: 44 },
      ...{ conductor_group: 46, automated_clean: 47, protected: 48, conductor: 49, owner: 50, description: 51 },
      ...{ allocation_uuid: 52, retired: 61, lessee: 65, network_data: 66, boot_mode: 75, shard: 82 },
      ...{ parent_node: 83, firmware_interface: 86, service_step: 87, disable_power_off: 95 },
    })) {
      expect([field, (await keys(`1.${since - 1}`)).includes(field)]).toEqual([field, false]);
      expect([field, (await keys(`1.${since}`)).includes(field)]).toEqual([field, true]);
    }
  });
  it('states have their old names in old versions', async () => {
    const { uuid } = await newNode(service);
    await state(uuid, 'available');
    expect((await at('1.1', `/v1/nodes/${uuid}`)).body.provision_state).toBeNull();
    expect((await at('1.2', `/v1/nodes/${uuid}`)).body.provision_state).toBe('available');
    await state(uuid, 'inspect wait');
    expect((await at('1.38', `/v1/nodes/${uuid}`)).body.provision_state).toBe('inspecting');
    expect((await at('1.39', `/v1/nodes/${uuid}`)).body.provision_state).toBe('inspect wait');
  });
  it('404: a name is none before 1.5', async () => {
    const node = await newNode(service, { name: name() });
    expect((await at('1.4', `/v1/nodes/${String(node.name)}`)).status).toBe(404);
    expect((await at('1.5', `/v1/nodes/${String(node.name)}`)).status).toBe(200);
  });
  it('every answer says its id, the range and what was used', async () => {
    for (const [path, token, status] of [
      ['/v1/nodes', undefined, 200],
      ['/v1/nodes', '', 401],
      ['/v1/nodes/nope', undefined, 404],
      ['/v1/nope', undefined, 404],
      ['/v1', '', 200],
    ] as const) {
      const res = await service.call('get', `/baremetal${path}`, token).set(VERSION, '1.50');
      expect([path, res.status]).toEqual([path, status]);
      expect(res.headers).toMatchObject({
        'openstack-request-id': expect.stringMatching(/^req-[0-9a-f-]{36}$/) as string,
        'x-openstack-ironic-api-version': '1.50',
        'x-openstack-ironic-api-minimum-version': '1.1',
        'x-openstack-ironic-api-maximum-version': '1.96',
      });
    }
  });
  it.each(['1.97', '1.0', '2.1', '1.999', 'abc', '', '1', '1.2.3'])('406 with the range: "%s"', async (version) => {
    const res = await at(version, '/v1/nodes');
    expect(res.status).toBe(406);
    expect(faultOf(res.body)).toMatch(/1\.1, 1\.96|Invalid value/);
    expect(res.headers['x-openstack-ironic-api-maximum-version']).toBe('1.96');
  });
  it('the newer header counts where the older is absent; "latest" is 1.96; / has no version', async () => {
    const used = async (headers: Record<string, string>, path = '/v1/nodes'): Promise<unknown> => {
      const res = await service.call('get', `/baremetal${path}`).set(headers);
      return res.headers['x-openstack-ironic-api-version'] ?? res.status;
    };
    expect(await used({ 'OpenStack-API-Version': 'compute 2.1, baremetal 1.31' })).toBe('1.31');
    expect(await used({ 'OpenStack-API-Version': 'compute 2.1' })).toBe('1.1');
    expect(await used({ 'OpenStack-API-Version': 'baremetal 1.31', [VERSION]: '1.32' })).toBe('1.32');
    expect(await used({ [VERSION]: 'latest' })).toBe('1.96');
    expect(await used({ [VERSION]: '9.9' }, '/')).toBe(200);
  });
  it('406: a field, filter or body that is newer', async () => {
    const send = (path: string, version: string) => at(version, path);
    for (const [path, version] of [
      ['/v1/nodes?fields=uuid', '1.7'],
      ['/v1/nodes?fields=traits', '1.36'],
      ['/v1/nodes?owner=me', '1.49'],
      ['/v1/nodes?driver=redfish', '1.15'],
      ['/v1/nodes?sort_key=name', '1.4'],
      ['/v1/nodes?provision_state=enroll', '1.8'],
    ] as const)
      expect([path, (await send(path, version)).status]).toEqual([path, 406]);
    for (const body of [{ name: 'x' }, { owner: 'x' }, { inspect_interface: 'agent' }]) {
      const res = await service.call('post', '/baremetal/v1/nodes').send({ driver: 'redfish', ...body });
      expect([res.status, faultOf(res.body)]).toEqual([406, 'Request not acceptable.']);
    }
    const { uuid } = await newNode(service);
    const patch = [{ op: 'add', path: '/owner', value: 'x' }];
    const res = await service.call('patch', `/baremetal/v1/nodes/${uuid}`).set(VERSION, '1.49').send(patch);
    expect(res.status).toBe(406);
  });
});

describe('GET /v1/nodes', () => {
  const owner = randomUUID();
  const nodes: SeenNode[] = [];
  beforeAll(async () => {
    for (let i = 0; i < 5; i += 1)
      nodes.push(
        await newNode(service, {
          owner,
          name: `list-${i}-${owner.slice(0, 8)}`,
          driver: i % 2 ? 'redfish' : 'fake-hardware',
          ...(i === 1 && { inspect_interface: 'redfish' }),
          resource_class: i < 3 ? 'small' : null,
          description: `Machine ${i} of 100% rack`,
          ...(i === 4 && { instance_uuid: randomUUID(), lessee: 'tenant' }),
          ...(i === 3 && { retired: true, shard: 'x' }),
          maintenance: i === 2,
        }),
      );
    await state((nodes[0] as SeenNode).uuid, 'available');
  });
  const list = async (query: string): Promise<{ nodes: SeenNode[]; next?: string }> => {
    const res = await api('get', `/v1/nodes${query}`);
    expect([res.status, res.body.error_message]).toEqual([200, undefined]);
    return res.body as { nodes: SeenNode[]; next?: string };
  };
  const numbers = async (query: string): Promise<number[]> =>
    (await list(`?owner=${owner}&${query}`)).nodes.map(({ uuid }) => nodes.findIndex((one) => one.uuid === uuid));

  it('200: a list item has its six fields and links; detail has all', async () => {
    const [brief] = (await list(`?owner=${owner}&limit=1`)).nodes;
    const keys = ['instance_uuid', 'links', 'maintenance', 'name', 'power_state', 'provision_state', 'uuid'];
    expect(Object.keys(brief as SeenNode).sort()).toEqual(keys);
    const whole = await show((nodes[0] as SeenNode).uuid);
    expect((await list(`/detail?owner=${owner}`)).nodes[0]).toEqual(whole);
    expect((await list(`?owner=${owner}&detail=true`)).nodes[0]).toEqual(whole);
    const [some] = (await list(`?owner=${owner}&fields=uuid,driver,traits`)).nodes;
    expect(Object.keys(some as SeenNode).sort()).toEqual(['driver', 'links', 'traits', 'uuid']);
  });
  it.each<[string, number[]]>([
    ['provision_state=available', [0]],
    ['driver=redfish', [1, 3]],
    ['maintenance=True', [2]],
    ['maintenance=no', [0, 1, 3, 4]],
    ['associated=1', [4]],
    ['associated=false&driver=redfish', [1, 3]],
    ['resource_class=small', [0, 1, 2]],
    ['inspect_interface=redfish', [1]],
    ['inspect_interface=agent', [0, 2, 3, 4]],
    ['description_contains=machine%203', [3]],
    ['description_contains=100%25', [0, 1, 2, 3, 4]],
    ['description_contains=_', []],
    ['lessee=tenant', [4]],
    ['project=tenant', [4]],
    ['retired=true', [3]],
    ['retired=false', [0, 1, 2, 4]],
    ['shard=x,y', [3]],
    ['sharded=false', [0, 1, 2, 4]],
    ['fault=power%20failure', []],
    ['conductor=nefos-introspection', [0, 1, 2, 3, 4]],
    ['conductor=other', []],
    ['conductor_group=', [0, 1, 2, 3, 4]],
    [`chassis_uuid=${randomUUID()}`, []],
    [`instance_uuid=${randomUUID()}`, []],
    ['sort_key=name&sort_dir=desc', [4, 3, 2, 1, 0]],
    ['sort_key=resource_class', [0, 1, 2, 3, 4]],
    ['sort_key=resource_class&sort_dir=desc', [4, 3, 2, 1, 0]],
    ['sort_key=maintenance', [0, 1, 3, 4, 2]],
    ['limit=2', [0, 1]],
    ['limit=%205%20', [0, 1, 2, 3, 4]],
    ['limit=99999999999999999999999', [0, 1, 2, 3, 4]],
  ])('200: %s', async (query, expected) => expect(await numbers(query)).toEqual(expected));
  it.each([
    '',
    'sort_key=resource_class',
    'sort_key=resource_class&sort_dir=desc',
    'sort_key=created_at&sort_dir=desc',
  ])('next leads through all pages, each node once: "%s"', async (query) => {
    const all = await numbers(query);
    const seen: number[] = [];
    let page = await list(`?owner=${owner}&limit=2&fields=uuid,name&${query}`);
    for (let i = 0; i < 5; i += 1) {
      seen.push(...page.nodes.map(({ uuid }) => nodes.findIndex((one) => one.uuid === uuid)));
      if (page.next === undefined) break;
      const next = new URL(page.next);
      expect(next.pathname).toBe('/baremetal/v1/nodes');
      expect(next.searchParams.get('fields')).toBe('uuid,name');
      page = await list(next.search);
    }
    expect(seen).toEqual(all);
    expect(page.next).toBeUndefined();
  });
  it.each<[string, number, string | RegExp]>([
    ['limit=0', 400, 'Limit must be positive'],
    ['limit=-1', 400, 'Limit must be positive'],
    ['limit=x', 400, 'Expected an integer for limit: x'],
    ['limit=', 400, /integer/],
    ['limit=1.5', 400, /integer/],
    ['limit=1&limit=2', 400, /./],
    ['limit[a]=1', 400, /./],
    ['marker=x', 400, 'Expected UUID for marker: x'],
    ['marker=', 400, /UUID/],
    [`marker=00000000-0000-4000-8000-000000000000`, 404, /could not be found/],
    ['sort_dir=up', 400, /Invalid sort direction: up/],
    ['sort_key=extra', 400, 'The sort_key value "extra" is an invalid field for sorting'],
    ['sort_key=nope', 400, /invalid field for sorting/],
    ['sort_key=__proto__', 400, /invalid field for sorting/],
    ['sort_key=constructor', 400, /invalid field for sorting/],
    ['sort_key=sealed_driver_info', 400, /invalid field for sorting/],
    ['fields=nope', 400, 'Field(s) "nope" are not valid'],
    ['fields=uuid,__proto__', 400, /are not valid/],
    ['fields=sealedDriverInfo', 400, /are not valid/],
    ['fields=uuid&detail=true', 400, /subset/],
    ['provision_state=nope', 400, 'Provision state "nope" is not valid'],
    ['maintenance=maybe', 400, /maintenance/],
    ['fault=nope', 400, /Unrecognized fault/],
    ['colour=red', 400, /colour/],
    ['owner=%00', 400, /./],
    ['driver=%ff', 200, /./],
    [`description_contains=${'x'.repeat(2000)}`, 400, /./],
  ])('refused or not: ?%s is %i', async (query, status, said) => {
    const res = await api('get', `/v1/nodes?${query}`);
    expect(res.status).toBe(status);
    if (status === 200) return;
    if (typeof said === 'string') expect(faultOf(res.body)).toBe(said);
    else expect(faultOf(res.body)).toMatch(said);
  });
});

describe('GET /v1/nodes/{node}', () => {
  it('200: by UUID in any spelling and by name; fields', async () => {
    const { uuid, name: called } = await newNode(service, { name: name() });
    const bare = uuid.replaceAll('-', '').toUpperCase();
    for (const ref of [uuid, bare, `%7B${uuid}%7D`, `urn:uuid:${uuid}`, String(called)])
      expect((await show(ref)).uuid).toBe(uuid);
    expect(Object.keys(await show(uuid, '?fields=uuid,name')).sort()).toEqual(['links', 'name', 'uuid']);
  });
  it.each([
    [404, randomUUID(), /could not be found/],
    [404, 'nope', 'Node nope could not be found.'],
    [400, 'a%20b', 'Expected UUID or name for node: a b'],
    [400, 'a%2Fb', /Expected UUID or name/],
    [400, '%F0%9F%98%80', /Expected UUID or name/],
    [400, 'x'.repeat(300), /Expected UUID or name/],
    [400, 'a%00b', /./],
  ] as const)('%i: %s', async (status, ref, said) => {
    const res = await api('get', `/v1/nodes/${ref}`);
    expect(res.status).toBe(status);
    if (typeof said === 'string') expect(faultOf(res.body)).toBe(said);
    else expect(faultOf(res.body)).toMatch(said);
  });
});

describe('PATCH /v1/nodes/{node}', () => {
  const patch = (ref: string, body: unknown, query = '') =>
    api('patch', `/v1/nodes/${ref}${query}`)
      .set('Content-Type', 'application/json')
      .send(body as object);
  it('200: add, replace, remove; documents at any depth; the node is answered', async () => {
    const { uuid } = await newNode(service, { extra: { a: 1, list: ['x'], deep: { b: {} } }, name: name() });
    const res = await patch(uuid, [
      { op: 'add', path: '/extra/new~1key', value: { c: [] } },
      { op: 'replace', path: '/extra/a', value: 2 },
      { op: 'add', path: '/extra/list/-', value: 'z' },
      { op: 'add', path: '/extra/list/0', value: 'w' },
      { op: 'remove', path: '/extra/list/1' },
      { op: 'add', path: '/extra/deep/b/__b', value: null },
      { op: 'add', path: '/properties/-', value: 1 },
      { op: 'remove', path: '/name' },
      { op: 'add', path: '/description', value: 'now' },
      { op: 'replace', path: '/maintenance', value: 'yes' },
    ]);
    expect(res.status).toBe(200);
    expect(res.body).toMatchObject({
      extra: { a: 2, list: ['w', 'z'], deep: { b: { __b: null } }, 'new/key': { c: [] } },
      properties: { '-': 1 },
      name: null,
      description: 'now',
      maintenance: true,
    });
    expect(res.body.updated_at).not.toBeNull();
    expect(res.body).toEqual(await show(uuid));
  });
  it('200: what changes nothing leaves updated_at', async () => {
    const { uuid } = await newNode(service, { extra: { a: 1 } });
    const res = await patch(uuid, [{ op: 'add', path: '/extra/a', value: 1 }]);
    expect([res.status, res.body.updated_at]).toEqual([200, null]);
    expect((await patch(uuid, [])).status).toBe(200);
  });
  it('200: an address with a password stays the address of the BMC when something else changes', async () => {
    const { uuid } = await newNode(service, { driver_info: { redfish_address: 'https://u:secret@10.1.7.7' } });
    const res = await api('patch', `/v1/nodes/${uuid}`).send([{ op: 'add', path: '/driver_info/more', value: 1 }]);
    expect(res.status).toBe(200);
    expect(res.text).not.toContain('secret');
    const rows = await sql(service.db, 'select bmc_address from node where uuid = $1', [uuid]);
    expect(rows).toEqual([{ bmc_address: '10.1.7.7' }]);
  });
  it('200: secrets are sealed; a mask keeps what it stands for', async () => {
    const { uuid } = await newNode(service, { driver_info: { ipmi_password: 'first', ipmi_address: '10.1.1.1' } });
    const res = await patch(uuid, [
      { op: 'replace', path: '/driver_info', value: { ipmi_password: '******', redfish_password: 'second' } },
    ]);
    expect(res.body.driver_info).toEqual({ ipmi_password: '******', redfish_password: '******' });
    const [row] = await sql(service.db, 'select to_json(n)::text stored, bmc_address from node n where uuid = $1', [
      uuid,
    ]);
    expect(String(row?.stored)).not.toMatch(/first|second/);
    expect(row?.bmc_address).toBeNull();
  });
  it('200: another driver, with its interfaces', async () => {
    const { uuid } = await newNode(service, { driver: 'redfish', inspect_interface: 'redfish', boot_interface: 'pxe' });
    const driver = [{ op: 'replace', path: '/driver', value: 'ipmi' }];
    expect((await patch(uuid, driver)).status).toBe(400);
    const res = await patch(uuid, driver, '?reset_interfaces=true');
    expect(res.body).toMatchObject({ driver: 'ipmi', inspect_interface: 'agent', boot_interface: 'ipxe' });
    const alone = await patch(uuid, [{ op: 'add', path: '/extra/a', value: 1 }], '?reset_interfaces=true');
    expect([alone.status, faultOf(alone.body)]).toEqual([400, expect.stringContaining('reset_interfaces')]);
  });
  const one = (op: unknown, path: unknown, value?: unknown) => [{ op, path, ...(value !== undefined && { value }) }];
  it.each<[string, unknown, RegExp | string]>([
    ['an object', { a: 1 }, /./],
    ['a text', '"x"', /./],
    ['nothing', '', /./],
    ['a list of texts', ['x'], /Schema error for patch\[0\]/],
    ['a missing path', one('add', undefined, 1), /path/],
    ['an empty path', one('add', '', {}), /path/],
    ['a path without slash', one('add', 'extra/a', 1), /path/],
    ['a path that ends in a slash', one('add', '/extra/', 1), /path/],
    ['a bad escape', one('add', '/extra/~2', 1), /path/],
    ['a long path', one('add', `/extra/${'a'.repeat(5000)}`, 1), /path/],
    ['a path of many parts', one('add', `/extra${'/a'.repeat(200)}`, 1), /can not be used/],
    ['another operation', one('copy', '/extra/a', 1), /'add', 'replace', 'remove'/],
    ['an operation that is a list', one(['add'], '/extra/a', 1), /op/],
    ['no value', one('add', '/extra/a'), /needs a value/],
    ['another key', [{ op: 'remove', path: '/extra/a', from: '/x' }], /'from' was unexpected/],
    ['__proto__', one('add', '/__proto__/x', 1), /Cannot patch \/__proto__\/x/],
    ['__proto__ in a document', one('add', '/extra/__proto__', { a: 1 }), /can not be used/],
    ['constructor', one('add', '/constructor/prototype/x', 1), /Cannot patch/],
    ['a field that nobody sets', one('replace', '/uuid', randomUUID()), /Cannot patch \/uuid/],
    ['the state', one('replace', '/provision_state', 'active'), /Cannot patch/],
    ['traits', one('add', '/traits', ['CUSTOM_A']), /Cannot patch/],
    ['links', one('add', '/links', []), /Cannot patch/],
    ['a new attribute', one('add', '/colour', 'red'), /Cannot patch/],
    ['replace of what is not there', one('replace', '/extra/none', 1), /non-existent object 'none'/],
    ['remove of what is not there', one('remove', '/extra/none'), /can't remove a non-existent object 'none'/],
    ['a way that is not there', one('add', '/extra/a/b/c', 1), /not found/],
    ['a member of a number', one('add', '/extra/n/x', 1), /neither object nor list/],
    ['an index beyond the end', one('add', '/extra/list/7', 1), /list index/],
    ['an index with a zero in front', one('replace', '/extra/list/00', 1), /list index/],
    ['an index that is a name', one('add', '/extra/list/length', 1), /list index/],
    ['remove at "-"', one('remove', '/extra/list/-'), /list index/],
    ['the driver taken away', one('remove', '/driver'), /driver/],
    ['a document as number', one('replace', '/properties', 7), /properties/],
    ['an invalid name', one('add', '/name', 'a b'), /Cannot change name to invalid name 'a b'/],
    ['a list as name', one('add', '/name', []), /name/],
    ['an instance that is no UUID', one('add', '/instance_uuid', 'x'), /Expected UUID/],
    ['an interface that there is not', one('add', '/power_interface', 'nope'), /Could not find/],
    ['NUL', one('add', '/extra/x', 'a\0'), /./],
    ['a number too long', '[{"op":"add","path":"/extra/x","value":1e400}]', /more digits/],
    ['too many operations', Array.from({ length: 1001 }, () => one('add', '/extra/a', 1)[0]), /./],
  ])('400, and nothing changes: %s', async (_what, body, said) => {
    const { uuid } = await newNode(service, { extra: { n: 1, list: ['x'] } });
    const before = await show(uuid);
    const res = await patch(uuid, body);
    expect([res.status, faultOf(res.body)]).toEqual([400, expect.stringMatching(said)]);
    expect(await show(uuid)).toEqual(before);
  });
  it('400: a document grows no longer than 64 KiB', async () => {
    const { uuid } = await newNode(service);
    const value = 'x'.repeat(40_000);
    expect((await patch(uuid, one('add', '/extra/a', value))).status).toBe(200);
    expect((await patch(uuid, one('add', '/extra/b', value))).status).toBe(400);
  });
  it('409: a name that is taken, and states that forbid changes', async () => {
    const [a, b] = [await newNode(service, { name: name() }), await newNode(service)];
    const taken = await patch(b.uuid, one('add', '/name', a.name));
    expect([taken.status, faultOf(taken.body)]).toEqual([409, `A node with name ${String(a.name)} already exists.`]);
    for (const [provision, target, status] of [
      ['inspecting', 'manageable', 409],
      ['inspect wait', 'manageable', 200],
      ['verifying', 'manageable', 200],
      ['cleaning', 'available', 409],
    ] as const) {
      await state(b.uuid, provision, target);
      expect([provision, (await patch(b.uuid, one('add', '/extra/a', 1))).status]).toEqual([provision, status]);
    }
  });
  it('404: no such node', async () => {
    expect((await patch(randomUUID(), [])).status).toBe(404);
  });
});

describe('DELETE /v1/nodes/{node}', () => {
  it('204 in enroll, manageable, available; 409 elsewhere, unless in maintenance', async () => {
    for (const provision of ['enroll', 'manageable', 'available']) {
      const { uuid } = await newNode(service);
      await state(uuid, provision);
      expect((await api('delete', `/v1/nodes/${uuid}`)).status).toBe(204);
      expect((await api('get', `/v1/nodes/${uuid}`)).status).toBe(404);
    }
    for (const provision of ['verifying', 'inspect wait', 'inspect failed', 'inspecting', 'active']) {
      const { uuid } = await newNode(service);
      await state(uuid, provision);
      const res = await api('delete', `/v1/nodes/${uuid}`);
      expect([res.status, faultOf(res.body)]).toEqual([409, expect.stringContaining(`"${provision}"`)]);
      await api('put', `/v1/nodes/${uuid}/maintenance`);
      expect((await api('delete', `/v1/nodes/${uuid}`)).status).toBe(204);
    }
  });
  it('409: it has an instance; 403: it is protected; 404: it is gone', async () => {
    const used = await newNode(service, { instance_uuid: randomUUID() });
    expect((await api('delete', `/v1/nodes/${used.uuid}`)).status).toBe(409);
    const { uuid } = await newNode(service);
    await api('patch', `/v1/nodes/${uuid}`).send([{ op: 'add', path: '/protected', value: true }]);
    expect((await api('delete', `/v1/nodes/${uuid}`)).status).toBe(403);
    expect((await api('delete', `/v1/nodes/${randomUUID()}`)).status).toBe(404);
  });
});

describe('maintenance', () => {
  it('202: on with a reason, off without', async () => {
    const { uuid } = await newNode(service);
    const path = `/v1/nodes/${uuid}/maintenance`;
    expect((await api('put', path).send({ reason: 'disk' })).status).toBe(202);
    expect(await show(uuid)).toMatchObject({ maintenance: true, maintenance_reason: 'disk' });
    expect((await api('put', path)).status).toBe(202);
    expect(await show(uuid)).toMatchObject({ maintenance: true, maintenance_reason: null });
    expect((await api('delete', path)).status).toBe(202);
    expect(await show(uuid)).toMatchObject({ maintenance: false, maintenance_reason: null });
  });
  it('400: a reason that is no text; 404: no node', async () => {
    const { uuid } = await newNode(service);
    const res = await api('put', `/v1/nodes/${uuid}/maintenance`).send({ reason: [1] });
    expect([res.status, (await show(uuid)).maintenance]).toEqual([400, false]);
    expect((await api('put', '/v1/nodes/nope/maintenance')).status).toBe(404);
  });
});

describe('retirement', () => {
  const retire = (uuid: string, value: boolean) =>
    api('patch', `/v1/nodes/${uuid}`).send([{ op: 'add', path: '/retired', value }]);
  it('200: the reason goes with it', async () => {
    const { uuid } = await newNode(service);
    const both = [
      { op: 'add', path: '/retired', value: true },
      { op: 'add', path: '/retired_reason', value: 'old' },
    ];
    expect((await api('patch', `/v1/nodes/${uuid}`).send(both)).body).toMatchObject({
      retired: true,
      retired_reason: 'old',
    });
    expect((await retire(uuid, false)).body).toMatchObject({ retired: false, retired_reason: null });
  });
  it('409: an available node, which an instance may be placed on; one that is retired stays so', async () => {
    const { uuid } = await newNode(service);
    await state(uuid, 'available');
    expect((await retire(uuid, true)).status).toBe(409);
    expect((await show(uuid)).retired).toBe(false);
    await state(uuid, 'manageable');
    expect((await retire(uuid, true)).status).toBe(200);
    await state(uuid, 'available');
    expect((await retire(uuid, true)).status).toBe(200);
  });
});

it('201: whoever names a version up to 1.10 gets an available node; without a version it is enroll', async () => {
  const stateAt = async (version?: string): Promise<string | undefined> => {
    const test = service.call('post', '/baremetal/v1/nodes');
    const res = await (version === undefined ? test : test.set(VERSION, version)).send({ driver: 'fake-hardware' });
    expect(res.status).toBe(201);
    const uuid = (res.body as SeenNode).uuid;
    return (await show(uuid)).provision_state as string;
  };
  expect(await stateAt('1.10')).toBe('available');
  expect(await stateAt('1.11')).toBe('enroll');
  expect(await stateAt()).toBe('enroll');
});

it('200: a page with documents has 200 nodes at most, and a link to the next', async () => {
  await sql(
    service.db,
    "insert into node (uuid, driver) select gen_random_uuid(), 'fake-hardware' from generate_series(1, 201)",
  );
  const detailed = await api('get', '/v1/nodes/detail?limit=1000');
  const { nodes, next } = detailed.body as { nodes: SeenNode[]; next?: string };
  expect([nodes.length, next]).toEqual([200, expect.stringContaining('marker=')]);
  const short = (await api('get', '/v1/nodes?limit=1000')).body as { nodes: SeenNode[] };
  expect(short.nodes.length).toBeGreaterThan(200);
});
