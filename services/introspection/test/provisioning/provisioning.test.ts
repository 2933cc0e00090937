import { sql } from '@nefos/service-kit';
import { machineOf } from '../bmc/nodes.js';
import { report } from '../machine.js';
import { faultOf, newMac, newNode, newPort, type SeenNode } from '../registry-seed.js';
import { useService } from '../support.js';

const service = useService({ NEFOS_INTROSPECTION_DELAY: '0' });
const VERSION = 'X-OpenStack-Ironic-API-Version';
const path = (node: SeenNode, rest: string): string => `/v1/nodes/${node.uuid}/${rest}`;
const go = (node: SeenNode, body: unknown) =>
  service
    .registry('put', path(node, 'states/provision'))
    .set('Content-Type', 'application/json')
    .send(body as object);
const show = async (node: SeenNode): Promise<SeenNode> =>
  (await service.registry('get', `/v1/nodes/${node.uuid}`)).body as SeenNode;
const state = (node: SeenNode, provision: string, target: string | null = null) =>
  sql(
    service.db,
    `update node set provision_state = $2, target_provision_state = $3, provision_updated_at = now() where uuid = $1`,
    [node.uuid, provision, target],
  );
const makeOlder = (node: SeenNode, seconds: number) =>
  sql(
    service.db,
    `update node set provision_updated_at = provision_updated_at - $2 * interval '1 second' where uuid = $1`,
    [node.uuid, seconds],
  );
const loseJobs = () => sql(service.db, 'delete from graphile_worker._private_jobs');
let serial = 0;
/** A manageable node, and what its ramdisk reports. */
const machine = async (fields: object = {}): Promise<{ node: SeenNode; body: object }> => {
  serial += 1;
  const address = `198.51.100.${serial}`;
  const node = await newNode(service, { driver_info: { ipmi_address: address }, ...fields });
  const mac = newMac();
  await newPort(service, node, { address: mac });
  await state(node, 'manageable');
  const inventory = {
    ...(report().inventory as object),
    bmc_address: address,
    interfaces: [{ name: 'eth0', mac_address: mac, ipv4_address: '1.2.1.2' }],
  };
  return { node, body: { ...report(), inventory, boot_interface: mac } };
};
const callBack = (body: object) => service.call('post', '/v1/continue', '').send(body);

describe('manage and provide', () => {
  it('202: enroll, verifying, manageable, available, and back', async () => {
    const node = await newNode(service);
    const res = await go(node, { target: 'manage' }).set('Host', 'bm.example');
    expect([res.status, res.headers.location]).toEqual([
      202,
      `http://bm.example/baremetal/v1/nodes/${node.uuid}/states`,
    ]);
    expect(await show(node)).toMatchObject({ provision_state: 'verifying', target_provision_state: 'manageable' });
    expect((await go(node, { target: 'manage' })).status).toBe(409);
    await service.work();
    expect(await show(node)).toMatchObject({
      provision_state: 'manageable',
      target_provision_state: null,
      power_state: 'power off',
      last_error: null,
    });
    expect((await go(node, { target: 'provide' })).status).toBe(202);
    expect((await show(node)).provision_state).toBe('available');
    expect((await go(node, { target: 'manage' })).status).toBe(202);
    expect((await show(node)).provision_state).toBe('manageable');
  });
  it('202: a UUID with a line break behind it is the same node, and Location names it without', async () => {
    const node = await newNode(service, {});
    for (const [what, target] of [
      ['provision', 'manage'],
      ['power', 'power on'],
    ]) {
      const res = await service
        .registry('put', `/v1/nodes/${node.uuid}%0A/states/${what}`)
        .set('Content-Type', 'application/json')
        .send({ target });
      expect(res.status).toBe(202);
      expect(res.headers.location).toMatch(new RegExp(`/v1/nodes/${node.uuid}/states$`));
    }
  });
  it('a BMC that fails leads back to enroll, with last_error', async () => {
    const failing = await newNode(service, { driver_info: { fake_fail: 'power_state' } });
    const bare = await newNode(service, { driver: 'redfish', driver_info: { redfish_password: 'hunter2' } });
    for (const node of [failing, bare]) {
      await go(node, { target: 'manage' });
      await service.work();
      const { provision_state: now, target_provision_state: target, last_error: error } = await show(node);
      expect([now, target]).toEqual(['enroll', null]);
      expect(error).toMatch(/^Failed to get power state for node /);
      expect(error).not.toContain('hunter2');
    }
    await service
      .registry('patch', `/v1/nodes/${failing.uuid}`)
      .send([{ op: 'remove', path: '/driver_info/fake_fail' }]);
    await go(failing, { target: 'manage' });
    await service.work();
    expect(await show(failing)).toMatchObject({ provision_state: 'manageable', last_error: null });
  });
  it('a BMC that can not be reached is asked five times', async () => {
    const node = await newNode(service, { driver: 'redfish', driver_info: { redfish_address: 'http://192.0.2.1:1' } });
    await go(node, { target: 'manage' });
    await service.work();
    expect(await show(node)).toMatchObject({ provision_state: 'enroll', last_error: expect.any(String) as string });
  });
  it('a node without power control needs no BMC', async () => {
    const node = await newNode(service, { driver: 'manual' });
    await go(node, { target: 'manage' });
    await service.work();
    expect(await show(node)).toMatchObject({ provision_state: 'manageable', power_state: null });
  });
  it('a job that is lost is found again; one that comes late changes nothing', async () => {
    const node = await newNode(service);
    await go(node, { target: 'manage' });
    await loseJobs();
    await service.sweep('provisioning.rescue');
    await service.work();
    expect((await show(node)).provision_state).toBe('verifying');
    await makeOlder(node, 60);
    await service.sweep('provisioning.rescue');
    await state(node, 'available');
    await service.work();
    expect((await show(node)).provision_state).toBe('available');
    await state(node, 'verifying', 'manageable');
    await makeOlder(node, 60);
    await service.sweep('provisioning.rescue');
    await service.work();
    expect((await show(node)).provision_state).toBe('manageable');
  });
});

describe('inspect', () => {
  it('in band: inspecting, inspect wait, manageable; times, properties and inventory', async () => {
    const { node, body } = await machine();
    expect((await service.registry('get', path(node, 'inventory'))).status).toBe(404);
    expect((await go(node, { target: 'inspect' })).status).toBe(202);
    expect(await show(node)).toMatchObject({ provision_state: 'inspecting', target_provision_state: 'manageable' });
    await service.work();
    expect(await show(node)).toMatchObject({
      provision_state: 'inspect wait',
      power_state: 'power on',
      inspection_started_at: expect.any(String) as string,
      inspection_finished_at: null,
    });
    await callBack(body).expect(200);
    await service.work();
    expect(await show(node)).toMatchObject({
      provision_state: 'manageable',
      target_provision_state: null,
      power_state: 'power off',
      last_error: null,
      inspection_finished_at: expect.any(String) as string,
      properties: { cpus: '4', cpu_arch: 'x86_64', memory_mb: '12288', local_gb: '999' },
    });
    expect(await machineOf(service, node.uuid)).toMatchObject({ powered_on: 1 });
    const found = await service.registry('get', path(node, 'inventory'));
    expect([found.status, Object.keys(found.body as object)]).toEqual([200, ['inventory', 'plugin_data']]);
    expect(found.body).toMatchObject({ inventory: { cpu: { count: 4 } }, plugin_data: { cpus: 4 } });
    expect((await service.registry('get', path(node, 'inventory')).set(VERSION, '1.80')).status).toBe(404);
  });
  it('abort: inspect failed, with the reason; then manage', async () => {
    const { node } = await machine();
    await go(node, { target: 'inspect' });
    expect((await go(node, { target: 'abort' })).status).toBe(409);
    await service.work();
    const old = service.registry('put', path(node, 'states/provision')).set(VERSION, '1.40');
    expect((await old.send({ target: 'abort' })).status).toBe(406);
    expect((await go(node, { target: 'abort' })).status).toBe(202);
    await service.work();
    expect(await show(node)).toMatchObject({
      provision_state: 'inspect failed',
      last_error: 'Canceled by operator',
      power_state: 'power off',
    });
    expect((await service.registry('delete', `/v1/nodes/${node.uuid}`)).status).toBe(409);
    expect((await go(node, { target: 'manage' })).status).toBe(202);
    expect(await show(node)).toMatchObject({ provision_state: 'manageable', target_provision_state: null });
  });
  it('a ramdisk that fails: inspect failed with its text; inspect again goes', async () => {
    const { node, body } = await machine();
    await go(node, { target: 'inspect' });
    await service.work();
    await callBack({ ...body, error: 'no disks at all' }).expect(400);
    await service.work();
    expect(await show(node)).toMatchObject({
      provision_state: 'inspect failed',
      last_error: expect.stringContaining('no disks at all') as string,
    });
    expect((await go(node, { target: 'inspect' })).status).toBe(202);
    await service.work();
    await callBack(body).expect(200);
    await service.work();
    expect(await show(node)).toMatchObject({ provision_state: 'manageable', last_error: null });
  });
  it('a start that fails after the answer: inspect failed', async () => {
    const { node } = await machine();
    await go(node, { target: 'inspect' });
    // Somebody else has begun a run, which can not be replaced now.
    await sql(
      service.db,
      `insert into run (node_uuid, id, state, started_at, manage_boot)
        values ($1, gen_random_uuid(), 'processing', now(), false)`,
      [node.uuid],
    );
    await service.work();
    expect(await show(node)).toMatchObject({
      provision_state: 'inspect failed',
      last_error: expect.stringContaining('no defined transition') as string,
    });
  });
  it('a job that is lost is found again, and the machine is switched on once', async () => {
    const { node } = await machine();
    await go(node, { target: 'inspect' });
    await loseJobs();
    await makeOlder(node, 60);
    await service.sweep('provisioning.rescue');
    await service.work();
    expect((await show(node)).provision_state).toBe('inspect wait');
    await state(node, 'inspecting', 'manageable');
    await makeOlder(node, 60);
    await service.sweep('provisioning.rescue');
    await service.work();
    expect(await machineOf(service, node.uuid)).toMatchObject({ powered_on: 1 });
  });
  it('400: a node that can not be inspected', async () => {
    const none = await machine({ inspect_interface: 'no-inspect' });
    expect((await go(none.node, { target: 'inspect' })).status).toBe(400);
    const bare = await newNode(service, { driver: 'redfish' });
    await state(bare, 'manageable');
    expect((await go(bare, { target: 'inspect' })).status).toBe(400);
    expect((await show(bare)).provision_state).toBe('manageable');
  });
});

describe('PUT …/states/provision refused', () => {
  it.each<[string, unknown]>([
    ['an unknown verb', { target: 'nope' }],
    ['a key of the prototype', { target: 'constructor' }],
    ['no verb', {}],
    ['null', { target: null }],
    ['a list', { target: ['manage'] }],
    ['a long verb', { target: 'x'.repeat(5000) }],
    ['a verb of the next state', { target: 'provide' }],
    ['abort of what is not there', { target: 'abort' }],
    ['inspect before manage', { target: 'inspect' }],
    ['a verb that there is not', { target: 'active' }],
    ['steps', { target: 'manage', clean_steps: [] }],
    ['another key', { target: 'manage', force: true }],
    ['a text', '"manage"'],
    ['nothing', undefined],
  ])('400: %s', async (_what, body) => {
    const node = await newNode(service);
    const res = await go(node, body);
    expect([res.status, typeof faultOf(res.body)]).toEqual([400, 'string']);
    expect(await show(node)).toMatchObject({ provision_state: 'enroll', target_provision_state: null });
  });
  it('404: no node; 406: verbs in older versions', async () => {
    const missing = service.registry('put', '/v1/nodes/nope/states/provision');
    expect((await missing.send({ target: 'manage' })).status).toBe(404);
    const node = await newNode(service);
    for (const [target, version] of [
      ['manage', '1.3'],
      ['provide', '1.3'],
      ['inspect', '1.5'],
    ] as const) {
      const old = service.registry('put', path(node, 'states/provision')).set(VERSION, version);
      expect([target, (await old.send({ target })).status]).toEqual([target, 406]);
    }
  });
  it('one of two at once goes on', async () => {
    const node = await newNode(service);
    const both = await Promise.all([go(node, { target: 'manage' }), go(node, { target: 'manage' })]);
    expect(both.map(({ status }) => status).sort()).toEqual([202, 409]);
    await service.work();
    expect((await show(node)).provision_state).toBe('manageable');
  });
  it('200: null for what belongs to other verbs, as clients send it', async () => {
    const node = await newNode(service);
    expect((await go(node, { target: 'manage', configdrive: null, clean_steps: null })).status).toBe(202);
    await service.work();
  });
});
