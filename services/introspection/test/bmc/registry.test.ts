import { machineOf, auditOf } from './nodes.js';
import { faultOf, newNode, type SeenNode } from '../registry-seed.js';
import { TOKENS, useService } from '../support.js';

const service = useService();
const VERSION = 'X-OpenStack-Ironic-API-Version';
const path = (node: SeenNode, rest: string): string => `/v1/nodes/${node.uuid}/${rest}`;
const power = (node: SeenNode, body: unknown) =>
  service
    .registry('put', path(node, 'states/power'))
    .set('Content-Type', 'application/json')
    .send(body as object);
const states = async (node: SeenNode): Promise<Record<string, unknown>> =>
  (await service.registry('get', path(node, 'states'))).body as Record<string, unknown>;

describe('GET …/validate', () => {
  it('200: each interface, and why it can not be used', async () => {
    const good = await newNode(service);
    const res = await service.registry('get', path(good, 'validate'));
    expect(res.status).toBe(200);
    expect(res.body).toMatchObject({
      power: { result: true },
      management: { result: true },
      boot: { result: true },
      inspect: { result: true },
      network: { result: true },
      raid: { result: null, reason: 'not supported' },
    });
    const bad = await newNode(service, { driver: 'redfish', driver_info: { redfish_password: 'secret' } });
    const { body, text } = await service.registry('get', path(bad, 'validate'));
    expect(body).toMatchObject({
      power: { result: false, reason: expect.stringMatching(/redfish_address/) as string },
    });
    expect(text).not.toContain('secret');
  });
  it('404: no node', async () => {
    const res = await service.registry('get', '/v1/nodes/nope/validate');
    expect([res.status, faultOf(res.body)]).toEqual([404, 'Node nope could not be found.']);
  });
});

describe('GET …/states', () => {
  it('200: the states alone; more of them in newer versions', async () => {
    const node = await newNode(service, { driver_info: { ipmi_password: 'x' } });
    expect(await states(node)).toEqual({
      console_enabled: false,
      last_error: null,
      power_state: null,
      provision_state: 'enroll',
      target_power_state: null,
      target_provision_state: null,
      provision_updated_at: null,
      raid_config: {},
      target_raid_config: {},
      boot_mode: null,
      secure_boot: null,
    });
    const old = await service.registry('get', path(node, 'states')).set(VERSION, '1.11');
    expect(Object.keys(old.body as object)).toHaveLength(7);
  });
});

describe('PUT …/states/power', () => {
  it('202 and where the state stands; the machine is switched once, and it is recorded who did it', async () => {
    const node = await newNode(service);
    const res = await power(node, { target: 'power on' }).set('Host', 'bm.example');
    expect([res.status, res.text]).toEqual([202, '']);
    expect(res.headers.location).toBe(`http://bm.example/baremetal/v1/nodes/${node.uuid}/states`);
    expect(await states(node)).toMatchObject({ target_power_state: 'power on' });
    await service.work();
    expect(await states(node)).toMatchObject({ power_state: 'power on', target_power_state: null });
    expect(await machineOf(service, node.uuid)).toMatchObject({ powered_on: 1 });
    expect((await power(node, { target: 'rebooting', timeout: 30 })).status).toBe(202);
    await service.work();
    expect(await machineOf(service, node.uuid)).toMatchObject({ power_state: 'power on', powered_on: 2 });
    expect((await auditOf(service, node.uuid))[0]).toMatchObject({
      actor: '0f7e1c1e-3f6b-4a4e-9a55-6f1c2f0e9d01',
      operation: 'bmc.power',
    });
  });
  it('409: it is being switched', async () => {
    const node = await newNode(service);
    const both = await Promise.all([power(node, { target: 'power on' }), power(node, { target: 'power on' })]);
    expect(both.map(({ status }) => status).sort()).toEqual([202, 409]);
    await service.work();
    expect(await machineOf(service, node.uuid)).toMatchObject({ powered_on: 1 });
  });
  it.each<[string, unknown]>([
    ['an unknown target', { target: 'explode' }],
    ['a target of other case', { target: 'Power On' }],
    ['no target', {}],
    ['null', { target: null }],
    ['a list', { target: ['power on'] }],
    ['a key of the prototype', { target: 'constructor' }],
    ['a timeout of zero', { target: 'power on', timeout: 0.5 }],
    ['a negative timeout', { target: 'power on', timeout: -1 }],
    ['a timeout that is none', { target: 'power on', timeout: 'soon' }],
    ['another key', { target: 'power on', force: true }],
    ['a text', '"power on"'],
    ['nothing', undefined],
  ])('400: %s', async (_what, body) => {
    const node = await newNode(service);
    const res = await power(node, body);
    expect([res.status, typeof faultOf(res.body)]).toEqual([400, 'string']);
    expect(await states(node)).toMatchObject({ target_power_state: null });
  });
  it('400: what the driver lacks; 404: no node; 406: soft before 1.27', async () => {
    const bad = await newNode(service, { driver: 'redfish' });
    const res = await power(bad, { target: 'power on' });
    expect([res.status, faultOf(res.body)]).toEqual([400, expect.stringContaining('Failed to validate power')]);
    expect((await power(await newNode(service, { driver: 'manual' }), { target: 'power on' })).status).toBe(400);
    expect((await service.registry('put', '/v1/nodes/nope/states/power').send({ target: 'power on' })).status).toBe(
      404,
    );
    const soft = service.registry('put', path(bad, 'states/power')).set(VERSION, '1.26');
    expect((await soft.send({ target: 'soft power off' })).status).toBe(406);
  });
  it('a machine that can not be switched: last_error', async () => {
    const node = await newNode(service, { driver_info: { fake_fail: 'power_on' } });
    expect((await power(node, { target: 'power on' })).status).toBe(202);
    await service.work();
    expect(await states(node)).toMatchObject({
      target_power_state: null,
      last_error: expect.stringContaining('fake_fail') as string,
    });
  });
});

describe('…/management/boot_device', () => {
  const device = (node: SeenNode, body?: object) =>
    body === undefined
      ? service.registry('get', path(node, 'management/boot_device'))
      : service.registry('put', path(node, 'management/boot_device')).send(body);
  it('204: set, then shown; the list of what there is', async () => {
    const node = await newNode(service);
    expect((await device(node, { boot_device: 'pxe', persistent: false })).status).toBe(204);
    expect((await device(node)).body).toEqual({ boot_device: 'pxe', persistent: false });
    expect((await device(node, { boot_device: 'disk', persistent: 'true' })).status).toBe(204);
    expect((await device(node)).body).toEqual({ boot_device: 'disk', persistent: true });
    const supported = await service.registry('get', path(node, 'management/boot_device/supported'));
    expect(supported.body).toEqual({ supported_boot_devices: expect.arrayContaining(['pxe', 'disk']) as string[] });
  });
  it.each<[number, string, object]>([
    [400, 'an unknown device', { boot_device: 'floppy' }],
    [400, 'no device', { persistent: true }],
    [400, 'null', { boot_device: null }],
    [400, 'persistent that is none', { boot_device: 'pxe', persistent: 'maybe' }],
    [400, 'another key', { boot_device: 'pxe', once: true }],
  ])('%i: %s', async (status, _what, body) => {
    const node = await newNode(service);
    const res = await device(node, body);
    expect([res.status, typeof faultOf(res.body)]).toEqual([status, 'string']);
  });
  it('409: the machine is being switched; 400: a driver without; 404: no node', async () => {
    const node = await newNode(service);
    await power(node, { target: 'power on' });
    expect((await device(node, { boot_device: 'pxe' })).status).toBe(409);
    await service.work();
    const manual = await newNode(service, { driver: 'manual' });
    expect((await device(manual)).body).toEqual({ boot_device: null, persistent: null });
    expect((await device(manual, { boot_device: 'pxe' })).status).toBe(400);
    expect((await service.registry('get', '/v1/nodes/nope/management/boot_device')).status).toBe(404);
  });
  it('403: an observer neither sees nor sets it', async () => {
    const node = await newNode(service);
    const res = await service.registry('get', path(node, 'management/boot_device'), TOKENS.observer);
    expect([res.status, typeof faultOf(res.body)]).toEqual([403, 'string']);
  });
});
