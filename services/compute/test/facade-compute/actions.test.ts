import { randomUUID } from 'node:crypto';
import { sql } from '@nefos/service-kit';
import { FLAVOR, IMAGE, NETWORK, useCloud } from '../cloud-support.js';
import { useFaces, type FaceAs } from '../facade/face-support.js';

const SERVERS = '/compute/v2.1/servers';
interface Shown {
  [name: string]: unknown;
  status: string;
}

describe('actions on servers, and what belongs to them', () => {
  const cloud = useCloud();
  const { service } = cloud;
  const face = useFaces(service);
  beforeAll(() =>
    sql(service.db, `update project set quota_limits = '{"instances": 500, "cores": 5000, "ram": 5000000}'`),
  );
  const make = async (more: object = {}): Promise<string> => {
    const server = { name: 'vm', imageRef: IMAGE, flavorRef: FLAVOR, networks: [{ uuid: NETWORK }], ...more };
    const { body } = await face.user.post(SERVERS, { server }).expect(202);
    await cloud.work();
    return (body as { server: { id: string } }).server.id;
  };
  const get = async (id: string, version?: string): Promise<Shown> =>
    ((await face.user.get(`${SERVERS}/${id}`, version).expect(200)).body as { server: Shown }).server;
  const act = (id: string, body: unknown, { as = face.user, version }: { as?: FaceAs; version?: string } = {}) =>
    as.post(`${SERVERS}/${id}/action`, body, version);
  const message = (body: unknown): string =>
    (Object.values(body as Record<string, { message: string }>)[0] as { message: string }).message;

  it.each([
    ['os-stop', null, 'SHUTOFF', { 'os-start': null }],
    ['pause', null, 'PAUSED', { unpause: null }],
    ['suspend', null, 'SUSPENDED', { resume: null }],
  ])('202 without a body: %s, and back', async (name, args, status, back) => {
    const id = await make();
    const { text, headers } = await act(id, { [name]: args }).expect(202);
    expect([text, headers['content-length']]).toEqual(['', '0']);
    await cloud.work();
    expect(await get(id)).toMatchObject({ status, 'OS-EXT-STS:task_state': null });
    await act(id, back).expect(202);
    await cloud.work();
    expect(await get(id)).toMatchObject({ status: 'ACTIVE' });
  });
  it('202: reboot, soft and hard; while it goes on the status says so', async () => {
    const id = await make();
    await act(id, { reboot: { type: 'SOFT' } }).expect(202);
    expect(await get(id)).toMatchObject({ status: 'REBOOT' });
    await cloud.work();
    await act(id, { reboot: { type: 'Hard' } }).expect(202);
    expect(await get(id)).toMatchObject({ status: 'HARD_REBOOT' });
    await cloud.work();
    expect(await get(id)).toMatchObject({ status: 'ACTIVE' });
    for (const wrong of [{}, { type: 'WARM' }, { type: 1 }, null]) await act(id, { reboot: wrong }).expect(400);
  });
  it('409: the sentence is the one that clients print', async () => {
    const id = await make();
    const { body } = await act(id, { 'os-start': null }).expect(409);
    expect(body).toEqual({
      conflictingRequest: { code: 409, message: `Cannot 'start' instance ${id} while it is in vm_state active` },
    });
  });
  it.each([{}, { nonsense: null }, { __proto__x: null }, { 'os-stop': null, 'os-start': null }, [], null, 'x'])(
    '400: %j is no action',
    async (body) => {
      const id = await make();
      const { body: refused } = await face.user
        .post(`${SERVERS}/${id}/action`)
        .set('Content-Type', 'application/json')
        .send(JSON.stringify(body))
        .expect(400);
      expect(Object.keys(refused as object)).toEqual(['badRequest']);
    },
  );
  it('202, 204: resize, confirmed and reverted', async () => {
    const id = await make();
    const [{ id: large } = { id: '' }] = await sql<{ id: string }>(
      service.db,
      `insert into flavor (id, region_id, name, vcpus, memory_mb, root_gb)
      select gen_random_uuid(), 'Region1', 'large', 8, 8192, 80 returning id`,
    );
    await act(id, { resize: { flavorRef: large } }).expect(202);
    expect(await get(id)).toMatchObject({ status: 'RESIZE' });
    await cloud.work();
    expect(await get(id)).toMatchObject({ status: 'VERIFY_RESIZE', 'OS-EXT-STS:vm_state': 'resized' });
    await act(id, { revertResize: null }).expect(202);
    expect(await get(id)).toMatchObject({ status: 'REVERT_RESIZE' });
    await cloud.work();
    await act(id, { resize: { flavorRef: large } }).expect(202);
    await cloud.work();
    const { text } = await act(id, { confirmResize: null }).expect(204);
    expect(text).toBe('');
    await cloud.work();
    expect(await get(id)).toMatchObject({ status: 'ACTIVE', flavor: { id: large } });
    const { body } = await act(id, { resize: { flavorRef: randomUUID() } }).expect(400);
    expect(message(body)).toBe('Invalid flavorRef provided.');
    await act(id, { resize: { flavorRef: 'm1.tiny' } }).expect(400);
    await act(id, { resize: {} }).expect(400);
  });
  it('202: rebuild answers the whole server with a password', async () => {
    const id = await make();
    const { body } = await act(id, { rebuild: { imageRef: IMAGE, name: 'anew', metadata: { a: 'b' } } }).expect(202);
    expect(body).toMatchObject({
      server: { id, name: 'anew', status: 'REBUILD', metadata: { a: 'b' }, adminPass: expect.any(String) as string },
    });
    await cloud.work();
    expect(await get(id)).toMatchObject({ status: 'ACTIVE', name: 'anew' });
    await act(id, { rebuild: {} }).expect(400);
    await act(id, { rebuild: { imageRef: 'x' } }).expect(400);
    await act(id, { rebuild: { imageRef: IMAGE, user_data: 'eA==' } }, { version: 'compute 2.56' }).expect(400);
  });
  it('200: rescue answers a password; unrescue', async () => {
    const id = await make();
    const { body } = await act(id, { rescue: null }).expect(200);
    expect(body).toEqual({ adminPass: expect.any(String) as string });
    await cloud.work();
    expect(await get(id)).toMatchObject({ status: 'RESCUE' });
    await act(id, { unrescue: null }).expect(202);
    await cloud.work();
    expect(await get(id)).toMatchObject({ status: 'ACTIVE' });
    expect((await act(id, { rescue: { adminPass: 'secret words' } }).expect(200)).body).toEqual({
      adminPass: 'secret words',
    });
  });
  it('202: shelve and unshelve', async () => {
    const id = await make();
    await act(id, { shelve: null }).expect(202);
    await cloud.work();
    expect((await get(id)).status).toMatch(/^SHELVED/);
    await act(id, { unshelve: null }).expect(202);
    await cloud.work();
    expect(await get(id)).toMatchObject({ status: 'ACTIVE' });
  });
  it('202: lock with its reason from 2.73, unlock', async () => {
    const id = await make();
    await act(id, { lock: { locked_reason: 'audit' } }, { version: 'compute 2.73' }).expect(202);
    expect(await get(id, 'compute 2.73')).toMatchObject({ locked: true, locked_reason: 'audit' });
    await act(id, { unlock: null }).expect(202);
    expect(await get(id, 'compute 2.73')).toMatchObject({ locked: false, locked_reason: null });
  });
  it('403: migrations and states are for administrators', async () => {
    const id = await make();
    for (const body of [
      { migrate: null },
      { 'os-migrateLive': { host: null, block_migration: false, disk_over_commit: false } },
      { 'os-resetState': { state: 'error' } },
    ])
      await act(id, body).expect(403);
    await act(id, { 'os-resetState': { state: 'error' } }, { as: face.staff }).expect(202);
    expect(await get(id)).toMatchObject({ status: 'ERROR' });
    await act(id, { 'os-resetState': { state: 'active' } }, { as: face.staff }).expect(202);
    await act(id, { 'os-resetState': { state: 'mars' } }, { as: face.staff }).expect(400);
  });
  it('202: an image of a server; where it is, by version', async () => {
    const id = await make();
    const old = await act(id, { createImage: { name: 'shot' } }).expect(202);
    expect(old.headers.location).toMatch(/^http:\/\/cloud\.test\/image\/v2\/images\/[0-9a-f-]{36}$/);
    expect(old.text).toBe('');
    await cloud.work();
    const { body } = await act(id, { createImage: { name: 'shot2' } }, { version: 'compute 2.45' }).expect(202);
    expect(body).toEqual({ image_id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string });
    await cloud.work();
    await act(id, { createBackup: { name: 'b', backup_type: 'daily', rotation: 1 } }).expect(202);
    await act(id, { createImage: {} }).expect(400);
  });
  it('200: the console, old and new', async () => {
    const id = await make();
    expect((await act(id, { 'os-getConsoleOutput': {} }).expect(200)).body).toEqual({
      output: expect.any(String) as string,
    });
    expect((await act(id, { 'os-getVNCConsole': { type: 'novnc' } }).expect(200)).body).toMatchObject({
      console: { type: 'novnc', url: expect.stringMatching(/^http/) as string },
    });
    await act(id, { 'os-getVNCConsole': { type: 'novnc' } }, { version: 'compute 2.6' }).expect(404);
    // The address of a console is a secret: no answer of a key is stored.
    for (const [path, body] of [
      ['action', { 'os-getVNCConsole': { type: 'novnc' } }],
      ['remote-consoles', { remote_console: { protocol: 'vnc', type: 'novnc' } }],
    ] as const)
      await face.user
        .post(`${SERVERS}/${id}/${path}`, body, path === 'action' ? undefined : 'compute 2.8')
        .set('Idempotency-Key', `console-${path}`)
        .expect(200);
    const kept = "select from idempotency_key where key like 'console-%' or body::text like '%token=%'";
    expect(await sql(service.db, kept)).toEqual([]);
    const wanted = { remote_console: { protocol: 'vnc', type: 'novnc' } };
    expect(
      (await face.user.post(`${SERVERS}/${id}/remote-consoles`, wanted, 'compute 2.8').expect(200)).body,
    ).toMatchObject({
      remote_console: { protocol: 'vnc', type: 'novnc', url: expect.stringMatching(/^http/) as string },
    });
    await face.user.post(`${SERVERS}/${id}/remote-consoles`, wanted).expect(404);
    await face.user
      .post(`${SERVERS}/${id}/remote-consoles`, { remote_console: { protocol: 'x', type: 'y' } }, 'compute 2.8')
      .expect(400);
  });
  it('200, 202: a volume is attached, shown by version, and detached', async () => {
    const id = await make();
    const made = await service.user
      .post('/api/openstack/volumes', { name: 'disk', region: 'Region1', size: 1 })
      .expect(201);
    await cloud.work();
    const volumeId = (made.body as { id: string }).id;
    const at = `${SERVERS}/${id}/os-volume_attachments`;
    const attached = await face.user.post(at, { volumeAttachment: { volumeId } }).expect(200);
    expect(attached.body).toMatchObject({ volumeAttachment: { id: volumeId, volumeId, serverId: id } });
    await cloud.work();
    expect((await face.user.get(`${at}/${volumeId}`, 'compute 2.89').expect(200)).body).toEqual({
      volumeAttachment: {
        serverId: id,
        volumeId,
        device: expect.anything() as string,
        tag: null,
        delete_on_termination: false,
        attachment_id: expect.any(String) as string,
        bdm_uuid: expect.any(String) as string,
      },
    });
    expect(await get(id)).toMatchObject({ 'os-extended-volumes:volumes_attached': [{ id: volumeId }] });
    await face.user.delete(`${at}/${volumeId}`).expect(202);
    await cloud.work();
    expect((await face.user.get(at).expect(200)).body).toEqual({ volumeAttachments: [] });
    await face.user.get(`${at}/${volumeId}`).expect(404);
    await face.user.post(at, { volumeAttachment: { volumeId: randomUUID() } }).expect(404);
    await face.user.post(at, { volumeAttachment: { volumeId: 'x' } }).expect(400);
    await face.user.post(at, { volumeAttachment: {} }).expect(400);
  });
  it('200, 202: an interface comes and goes', async () => {
    const id = await make();
    const at = `${SERVERS}/${id}/os-interface`;
    const added = await face.user.post(at, { interfaceAttachment: { net_id: NETWORK } }).expect(200);
    const { port_id: port } = (added.body as { interfaceAttachment: { port_id: string } }).interfaceAttachment;
    await cloud.work();
    expect((await face.user.get(`${at}/${port}`).expect(200)).body).toEqual({
      interfaceAttachment: {
        port_id: port,
        net_id: NETWORK,
        mac_addr: expect.any(String) as string,
        port_state: 'ACTIVE',
        fixed_ips: [{ subnet_id: expect.any(String) as string, ip_address: expect.any(String) as string }],
      },
    });
    expect((await face.user.get(at)).body).toMatchObject({ interfaceAttachments: [{}, { port_id: port }] });
    await face.user.delete(`${at}/${port}`).expect(202);
    await cloud.work();
    await face.user.get(`${at}/${port}`).expect(404);
    await face.user.post(at, { interfaceAttachment: { net_id: 'x' } }).expect(400);
    await face.user.post(at, { interfaceAttachment: { net_id: NETWORK, port_id: NETWORK } }).expect(400);
    await face.user.post(at, {}).expect(400);
  });
  it('202: security groups by name', async () => {
    const id = await make();
    await service.user.post('/api/openstack/securitygroups', { name: 'web', region: 'Region1' }).expect(201);
    await act(id, { addSecurityGroup: { name: 'web' } }).expect(202);
    await cloud.work();
    expect((await face.user.get(`${SERVERS}/${id}/os-security-groups`).expect(200)).body).toMatchObject({
      security_groups: [{ name: 'default' }, { name: 'web', tenant_id: face.project }],
    });
    await act(id, { removeSecurityGroup: { name: 'web' } }).expect(202);
    await cloud.work();
    await act(id, { addSecurityGroup: { name: 'nothing' } }).expect(404);
  });
  it('200: addresses, without their types', async () => {
    const id = await make();
    const { body } = await face.user.get(`${SERVERS}/${id}/ips`).expect(200);
    const { addresses } = body as { addresses: Record<string, object[]> };
    const [[network, all] = ['', []]] = Object.entries(addresses);
    expect(Object.keys(all[0] as object)).toEqual(['version', 'addr']);
    expect((await face.user.get(`${SERVERS}/${id}/ips/${network}`).expect(200)).body).toEqual({ [network]: all });
    await face.user.get(`${SERVERS}/${id}/ips/nothing`).expect(404);
  });
  it('metadata: read, added to, replaced, one by one', async () => {
    const id = await make({ metadata: { a: '1' } });
    const at = `${SERVERS}/${id}/metadata`;
    expect((await face.user.get(at).expect(200)).body).toEqual({ metadata: { a: '1' } });
    expect((await face.user.post(at, { metadata: { b: '2' } }).expect(200)).body).toEqual({
      metadata: { a: '1', b: '2' },
    });
    expect((await face.user.put(at, { metadata: { c: '3' } }).expect(200)).body).toEqual({ metadata: { c: '3' } });
    expect((await face.user.put(`${at}/d`, { meta: { d: '4' } }).expect(200)).body).toEqual({ meta: { d: '4' } });
    await face.user.put(`${at}/d`, { meta: { e: '4' } }).expect(400);
    await face.user.put(`${at}/d`, { meta: { d: 4 } }).expect(400);
    expect((await face.user.get(`${at}/d`).expect(200)).body).toEqual({ meta: { d: '4' } });
    await face.user.delete(`${at}/d`).expect(204);
    await face.user.delete(`${at}/d`).expect(404);
    await face.user.get(`${at}/__proto__`).expect(404);
    const many = Object.fromEntries(Array.from({ length: 129 }, (_one, i) => [`k${i}`, 'v']));
    await face.user.put(at, { metadata: many }).expect(400);
    const most = Object.fromEntries(Array.from({ length: 128 }, (_one, i) => [`k${i}`, 'v']));
    await face.user.put(at, { metadata: most }).expect(200);
    await face.user.post(at, { metadata: { more: 'x' } }).expect(403);
    await face.stranger.get(at).expect(404);
    await face.stranger.put(at, { metadata: {} }).expect(404);
    await face.reader.put(at, { metadata: {} }).expect(403);
  });
  it('metadata: of two changes at once none is lost', async () => {
    const id = await make();
    const at = `${SERVERS}/${id}/metadata`;
    await Promise.all(
      Array.from({ length: 8 }, (_one, i) => face.user.post(at, { metadata: { [`k${i}`]: 'v' } }).expect(200)),
    );
    expect(Object.keys(((await face.user.get(at)).body as { metadata: object }).metadata)).toHaveLength(8);
  });
  it('tags: from 2.26', async () => {
    const id = await make();
    const at = `${SERVERS}/${id}/tags`;
    const v = 'compute 2.26';
    await face.user.get(at).expect(404);
    await face.user.put(`${at}/one`, undefined, v).expect(201);
    await face.user.put(`${at}/one`, undefined, v).expect(204);
    expect((await face.user.get(at, v).expect(200)).body).toEqual({ tags: ['one'] });
    await face.user.get(`${at}/one`, v).expect(204);
    await face.user.get(`${at}/two`, v).expect(404);
    expect((await face.user.put(at, { tags: ['b', 'a', 'a'] }, v).expect(200)).body).toEqual({ tags: ['b', 'a'] });
    await face.user.delete(`${at}/a`, v).expect(204);
    await face.user.delete(`${at}/a`, v).expect(404);
    await face.user.delete(at, v).expect(204);
    await face.user.put(at, { tags: ['a,b'] }, v).expect(400);
    await face.user.put(at, { tags: ['x'.repeat(61)] }, v).expect(400);
  });
  it('200: what was done, newest first, each by its request id', async () => {
    const id = await make();
    await act(id, { 'os-stop': null }).expect(202);
    await cloud.work();
    const at = `${SERVERS}/${id}/os-instance-actions`;
    const { body } = await face.user.get(at).expect(200);
    const all = (body as { instanceActions: { action: string; request_id: string }[] }).instanceActions;
    expect(all.map(({ action }) => action)).toEqual(['stop', 'create']);
    const first = all[0] as { request_id: string };
    expect((await face.user.get(`${at}/${first.request_id}`, 'compute 2.51').expect(200)).body).toMatchObject({
      instanceAction: { action: 'stop', instance_uuid: id, events: [{ event: 'compute_stop', result: 'Success' }] },
    });
    const next = await face.user.get(`${at}?limit=1&marker=${first.request_id}`, 'compute 2.58').expect(200);
    expect((next.body as { instanceActions: { action: string }[] }).instanceActions).toMatchObject([
      { action: 'create' },
    ]);
    await face.user.get(`${at}/req-${randomUUID()}`).expect(404);
    await face.stranger.get(at).expect(404);
  });
  it('200: the rest', async () => {
    const id = await make();
    expect((await face.user.get(`${SERVERS}/${id}/os-server-password`).expect(200)).body).toEqual({ password: '' });
    await act(id, { shelveOffload: null }).expect(501);
    await act(id, { forceDelete: null }).expect(202);
    await cloud.work();
    await face.user.get(`${SERVERS}/${id}`).expect(404);
  });
});
