import { createSecretBox, newSecretKey, parseSecretKeys, sql } from '@nefos/service-kit';
import { createDrivers, listenForRegions } from '../../src/ports/drivers.js';
import { loadCloudFixture } from '../../src/catalog/store/demo.js';
import { createBody } from '../cloud-support.js';
import { recordedOpenstack } from '../ports/recorded-openstack.js';
import { log, useService } from '../support.js';

const path = (region: string) => `/staffapi/openstack/regions/${region}/driver`;

describe('the driver of a region', () => {
  const service = useService();
  let cloud: Awaited<ReturnType<typeof recordedOpenstack>>;
  const add = (id: string) => sql(service.db, 'insert into region (id) values ($1)', [id]);
  const settings = (more: object = {}) => ({ auth_url: cloud.url, username: 'admin', project: 'admin', ...more });
  const wanted = (more: object = {}) => ({
    driver: 'openstack',
    settings: settings(),
    secrets: { password: 'the-secret' },
    ...more,
  });
  const stored = async (id: string) =>
    (await sql<{ driver_secrets: string }>(service.db, 'select * from region where id = $1', [id]))[0];
  beforeAll(async () => {
    await loadCloudFixture(service.db);
    cloud = await recordedOpenstack();
  });
  afterAll(() => {
    cloud.close();
  });

  it('200: a region is simulated until it is told otherwise', async () => {
    await add('Plain');
    const { body } = await service.staff.get(path('Plain')).expect(200);
    expect(body).toMatchObject({ driver: 'sim', settings: {}, has_secrets: false, health: { ok: true } });
    expect((body as { actions: string[] }).actions).toContain('create');
  });
  it('200: settings are answered, secrets are sealed and never answered; the driver works at once', async () => {
    await add('Cloud');
    const { body, text } = await service.staff.put(path('Cloud'), wanted()).expect(200);
    expect(body).toMatchObject({
      driver: 'openstack',
      settings: settings(),
      has_secrets: true,
      create_fields: ['root_password', 'ssh_keys', 'user_data'],
      health: { ok: true },
    });
    expect(text).not.toContain('the-secret');
    expect(JSON.stringify(await stored('Cloud'))).not.toContain('the-secret');
    expect((await stored('Cloud'))?.driver_secrets).toMatch(/^nefos1:/);
    expect(cloud.heard.find((one) => one.path === '/v3/auth/tokens')?.body).toMatchObject({
      auth: { identity: { password: { user: { name: 'admin', password: 'the-secret' } } } },
    });
    expect(service.ctx.drivers.of('Cloud').kind).toBe('openstack');
    expect((await service.staff.get('/staffapi/openstack/regions').expect(200)).text).not.toContain('nefos1');
  });
  it('200: other settings keep the secrets; the driver goes by the new ones', async () => {
    await add('Kept');
    await service.staff.put(path('Kept'), wanted()).expect(200);
    const before = (await stored('Kept'))?.driver_secrets;
    const { body } = await service.staff
      .put(path('Kept'), { driver: 'openstack', settings: settings({ interface: 'admin' }) })
      .expect(200);
    expect(body).toMatchObject({
      has_secrets: true,
      health: { ok: false, detail: "The cloud's catalog has no admin endpoint of compute." },
    });
    expect((await stored('Kept'))?.driver_secrets).toBe(before);
  });
  it('400: stored secrets are shown to nobody else: a new address needs them again', async () => {
    await add('Moved');
    await service.staff.put(path('Moved'), wanted()).expect(200);
    const elsewhere = settings({ auth_url: 'http://127.0.0.1:1' });
    const { body } = await service.staff.put(path('Moved'), { driver: 'openstack', settings: elsewhere }).expect(400);
    expect(body).toEqual({ secrets: ['Give the secrets again: auth_url says whom they are shown to.'] });
    await service.staff.put(path('Moved'), { ...wanted(), settings: elsewhere }).expect(200);
  });
  it('400: every value that does not hold is named, and nothing is changed', async () => {
    await add('Bad');
    const put = async (body: object) => (await service.staff.put(path('Bad'), body).expect(400)).body as unknown;
    expect(await put({})).toEqual({ driver: ['This field is required.'] });
    expect(await put({ driver: 'xen' })).toEqual({ driver: ['"xen" is not a valid choice.'] });
    expect(await put({ driver: 'sim', settings: [] })).toHaveProperty('settings');
    expect(await put({ driver: 'sim', settings: { cpus: 1 } })).toHaveProperty('settings');
    expect(await put({ driver: 'sim', secrets: { password: 'x' } })).toHaveProperty('secrets');
    expect(await put(wanted({ settings: { auth_url: 'ftp://x' } }))).toMatchObject({
      settings: {
        auth_url: ['Enter a valid URL.'],
        username: expect.anything() as unknown,
        project: expect.anything() as unknown,
      },
    });
    expect(await put(wanted({ secrets: {} }))).toEqual({ secrets: { password: ['This field is required.'] } });
    expect(await put(wanted({ settings: settings({ application_credential_id: 'x' }) }))).toHaveProperty('settings');
    expect(await put(wanted({ settings: settings({ ca: 'x'.repeat(70_000) }) }))).toHaveProperty('settings');
    await service.staff.put(path('Bad'), { driver: 'sim', settings: { hosts: ['a\u0000b'] } }).expect(400);
    expect(await stored('Bad')).toMatchObject({ driver: 'sim', driver_settings: {}, driver_secrets: null });
  });
  it('404: there is no such region; 403: not for end users', async () => {
    await service.staff.get(path('Nowhere')).expect(404);
    await service.staff.put(path('Nowhere'), { driver: 'sim' }).expect(404);
    await service.user.get(path('Plain')).expect(403);
  });
  it('409: the kind stays while the region has instances; settings may change', async () => {
    await service.user.post('/api/openstack/instances', createBody()).expect(201);
    await service.work();
    const { body } = await service.staff.put(path('Region1'), wanted()).expect(409);
    expect(body).toEqual({ detail: 'The region has instances or volumes: its driver stays sim.' });
    await service.staff.put(path('Region1'), { driver: 'sim', settings: { host_memory_mb: 4096 } }).expect(200);
  });
  it('a simulated region has hosts of its own', async () => {
    await add('Small');
    const flavor = { vcpus: 1, memoryMb: 512, rootGb: 1, ephemeralGb: 0, swapMb: 0 };
    await service.staff
      .put(path('Small'), { driver: 'sim', settings: { hosts: ['one'], host_memory_mb: 1024 } })
      .expect(200);
    expect(await service.ctx.drivers.of('Small').capacity(flavor)).toBe(2);
    await service.staff.put(path('Small'), { driver: 'sim', settings: { host_memory_mb: 512 } }).expect(200);
    expect(await service.ctx.drivers.of('Small').capacity(flavor)).toBe(3);
  });
  it('without the key: the driver says which one is wanted, and works again when the secrets are given anew', async () => {
    await add('Locked');
    await service.staff.put(path('Locked'), wanted()).expect(200);
    const other = parseSecretKeys(newSecretKey());
    const drivers = createDrivers(service.db, service.ctx.config, { secrets: createSecretBox(other) });
    const health = await drivers.of('Locked').health();
    expect(health).toMatchObject({ ok: false });
    expect(health.detail).toContain(
      `is sealed with key ${service.ctx.secrets.keyId}, which NEFOS_SECRET_KEYS does not`,
    );
    await expect(drivers.of('Locked').get({ portalId: 'x', backendId: null })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      retryable: true,
    });
    await drivers.close();
  });
  it('a cloud that is away does not keep the machines of other regions from being compared', async () => {
    await add('Away');
    await service.staff
      .put(path('Away'), wanted({ settings: settings({ auth_url: 'http://127.0.0.1:1' }) }))
      .expect(200);
    await service.user.post('/api/openstack/instances', createBody({ name: 'compared' })).expect(201);
    await service.work();
    const [made] = await sql<{ id: string }>(service.db, `select id from instance where name = 'compared'`);
    await service.ctx.drivers.of('Region1').powerOffFromInside?.({ portalId: made?.id ?? '', backendId: null });
    await expect(service.sweep('instances.power')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await service.work();
    const [row] = await sql(service.db, `select vm_state from instance where name = 'compared'`);
    expect(row).toEqual({ vm_state: 'stopped' });
  });
  it('another process goes by a change within a moment, and a region that is gone has no driver', async () => {
    await add('Told');
    const drivers = createDrivers(service.db, service.ctx.config, { secrets: service.ctx.secrets });
    const listener = await listenForRegions(service.url, drivers, { log });
    try {
      const told = drivers.of('Told');
      expect(await told.health()).toEqual({ ok: true });
      expect(told.kind).toBe('sim');
      await service.staff.put(path('Told'), wanted()).expect(200);
      for (const end = Date.now() + 4000; told.kind !== 'openstack' && Date.now() < end;)
        await new Promise((resolve) => {
          setTimeout(resolve, 20);
        });
      expect(told.kind).toBe('openstack');
      await sql(service.db, `delete from region where id = 'Told'`);
      await drivers.refresh('Told');
      await expect(told.get({ portalId: 'x', backendId: null })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    } finally {
      await listener.stop();
      await drivers.close();
    }
  });
});
