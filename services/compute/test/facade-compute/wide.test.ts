import { randomUUID } from 'node:crypto';
import { sql } from '@nefos/service-kit';
import { FLAVOR, useCloud } from '../cloud-support.js';
import { useFaces, type FaceAs } from '../facade/face-support.js';

const V = '/compute/v2.1';
const message = (body: unknown): string =>
  (Object.values(body as Record<string, { message: string }>)[0] as { message: string }).message;

describe('flavors of the compute API', () => {
  const cloud = useCloud();
  const { service } = cloud;
  const face = useFaces(service);
  const AT = `${V}/flavors`;
  type Flavor = Record<string, unknown> & { id: string; name: string };
  const make = async (more: object = {}, version?: string): Promise<Flavor> => {
    const flavor = { name: randomUUID(), ram: 512, vcpus: 1, disk: 1, ...more };
    const { body } = await face.staff.post(AT, { flavor }, version).expect(200);
    return (body as { flavor: Flavor }).flavor;
  };
  const list = async (as: FaceAs, query = '', version?: string) =>
    ((await as.get(`${AT}/detail${query}`, version).expect(200)).body as { flavors: Flavor[] }).flavors;

  it('200: the trace of `flavor list`', async () => {
    await face.nobody.get(V).expect(200);
    const found = (await list(face.user, '?is_public=True', 'compute 2.61')).find(({ id }) => id === FLAVOR);
    expect(Object.keys(found ?? {}).sort()).toEqual(
      [
        'id', 'name', 'ram', 'disk', 'vcpus', 'swap', 'OS-FLV-EXT-DATA:ephemeral', 'OS-FLV-DISABLED:disabled',
        'os-flavor-access:is_public', 'rxtx_factor', 'links', 'description', 'extra_specs',
      ].sort(), // prettier-ignore
    );
    expect((await face.user.get(`${AT}/${FLAVOR}/os-extra_specs`).expect(200)).body).toEqual({
      extra_specs: expect.any(Object) as object,
    });
  });
  it('200: fields by version; swap is a text until 2.75', async () => {
    const one = async (version?: string) =>
      ((await face.user.get(`${AT}/${FLAVOR}`, version).expect(200)).body as { flavor: Flavor }).flavor;
    expect(Object.keys(await one())).not.toContain('description');
    expect(Object.keys(await one('compute 2.55'))).toContain('description');
    expect(Object.keys(await one('compute 2.60'))).not.toContain('extra_specs');
    expect((await one('compute 2.74')).swap).toBe('');
    expect((await one('compute 2.75')).swap).toBe(0);
  });
  it.each(['m1.tiny', randomUUID(), 'detail2'])('404: %s is no flavor', async (id) => {
    const { body } = await face.user.get(`${AT}/${id}`).expect(404);
    expect(body).toEqual({ itemNotFound: { code: 404, message: `Flavor ${id} could not be found.` } });
  });
  it('200: private ones are seen by administrators and by those they are given to', async () => {
    const { id } = await make({ 'os-flavor-access:is_public': false });
    const sees = async (as: FaceAs, query = '?is_public=None') => (await list(as, query)).some((one) => one.id === id);
    expect(await sees(face.staff)).toBe(true);
    expect(await sees(face.staff, '')).toBe(false);
    expect(await sees(face.user)).toBe(false);
    await face.user.get(`${AT}/${id}`).expect(404);
    const add = { addTenantAccess: { tenant: face.project } };
    expect((await face.staff.post(`${AT}/${id}/action`, add).expect(200)).body).toEqual({
      flavor_access: [{ flavor_id: id, tenant_id: face.project }],
    });
    await face.staff.post(`${AT}/${id}/action`, add).expect(409);
    expect(await sees(face.user)).toBe(true);
    expect(await sees(face.stranger)).toBe(false);
    await face.staff.post(`${AT}/${id}/action`, { removeTenantAccess: { tenant: face.project } }).expect(200);
    await face.staff.post(`${AT}/${id}/action`, { removeTenantAccess: { tenant: face.project } }).expect(404);
    await face.staff.post(`${AT}/${id}/action`, { addTenantAccess: { tenant: 'x' } }).expect(400);
    await face.staff.post(`${AT}/${id}/action`, {}).expect(400);
    await face.user.post(`${AT}/${id}/action`, add).expect(403);
    await face.user.get(`${AT}/${id}/os-flavor-access`).expect(403);
    expect((await face.staff.get(`${AT}/${id}/os-flavor-access`).expect(200)).body).toEqual({ flavor_access: [] });
  });
  it('200: filters and pages', async () => {
    await make({ ram: 900_000, disk: 900 });
    expect((await list(face.staff, '?minRam=900000')).length).toBe(1);
    expect((await list(face.staff, '?minDisk=900')).length).toBe(1);
    const all = await list(face.staff, '?is_public=None');
    const { body } = await face.staff.get(`${AT}?is_public=None&limit=1`).expect(200);
    const page = body as { flavors: Flavor[]; flavors_links: { href: string }[] };
    expect(page.flavors).toMatchObject([{ id: (all[0] as Flavor).id }]);
    const next = await face.staff.get(
      (page.flavors_links[0] as { href: string }).href.replace('http://cloud.test', ''),
    );
    expect((next.body as typeof page).flavors).toMatchObject([{ id: (all[1] as Flavor).id }]);
    for (const wrong of ['?minRam=x', '?is_public=perhaps', `?marker=${randomUUID()}`, '?limit=-1', '?sort_key=x'])
      await face.user.get(AT + wrong).expect(400);
    await face.user.get(`${AT}?nonsense=1`, 'compute 2.75').expect(400);
    await face.user.get(`${AT}?nonsense=1`).expect(200);
  });
  it('made, described, deleted, by administrators only', async () => {
    const made = await make({ name: 'own', swap: 128, description: 'd' }, 'compute 2.55');
    expect(made).toMatchObject({ name: 'own', ram: 512, swap: 128, description: 'd' });
    const again = await face.staff.post(AT, { flavor: { name: 'own', ram: 1, vcpus: 1, disk: 1 } }).expect(409);
    expect(message(again.body)).toBe('Flavor with name own already exists.');
    await face.user.post(AT, { flavor: { name: 'x', ram: 1, vcpus: 1, disk: 1 } }).expect(403);
    await face.staff.put(`${AT}/${made.id}`, { flavor: { description: 'e' } }).expect(404);
    expect(
      (await face.staff.put(`${AT}/${made.id}`, { flavor: { description: 'e' } }, 'compute 2.55').expect(200)).body,
    ).toMatchObject({ flavor: { description: 'e' } });
    await face.user.delete(`${AT}/${made.id}`).expect(403);
    await face.staff.delete(`${AT}/${made.id}`).expect(202);
    await face.staff.delete(`${AT}/${made.id}`).expect(404);
    for (const wrong of [{ ram: 0 }, { vcpus: 'many' }, { name: '' }, { id: 'mine' }, { other: 1 }, { disk: -1 }])
      await face.staff.post(AT, { flavor: { name: 'y', ram: 1, vcpus: 1, disk: 1, ...wrong } }).expect(400);
  });
  it('extra specs: added, set, taken away; of two at once none is lost', async () => {
    const { id } = await make();
    const at = `${AT}/${id}/os-extra_specs`;
    expect((await face.staff.post(at, { extra_specs: { 'hw:a': '1' } }).expect(200)).body).toEqual({
      extra_specs: { 'hw:a': '1' },
    });
    await Promise.all(
      Array.from({ length: 6 }, (_one, i) => face.staff.put(`${at}/k${i}`, { [`k${i}`]: 'v' }).expect(200)),
    );
    expect(Object.keys(((await face.user.get(at)).body as { extra_specs: object }).extra_specs)).toHaveLength(7);
    expect((await face.user.get(`${at}/hw:a`).expect(200)).body).toEqual({ 'hw:a': '1' });
    await face.staff.put(`${at}/x`, { y: '1' }).expect(400);
    await face.staff.delete(`${at}/hw:a`).expect(200);
    await face.staff.delete(`${at}/hw:a`).expect(404);
    await face.user.get(`${at}/hw:a`).expect(404);
    await face.user.post(at, { extra_specs: { a: 'b' } }).expect(403);
    await face.staff.post(at, { extra_specs: { a: true } }).expect(400);
    await face.staff.post(at, { extra_specs: { 'a/b': '1' } }).expect(400);
  });
});

describe('key pairs of the compute API', () => {
  const cloud = useCloud();
  const face = useFaces(cloud.service);
  const AT = `${V}/os-keypairs`;
  const KEY = `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKjdUwnZsGbjk0vG7mGqtN3yPSBvJSmCHvTtn2TO2TJp`;

  it('200 below 2.2, 201 from then on; the private key is told once', async () => {
    const old = await face.user.post(AT, { keypair: { name: 'old' } }).expect(200);
    expect(old.body).toEqual({
      keypair: {
        name: 'old',
        public_key: expect.stringMatching(/^ssh-/) as string,
        fingerprint: expect.stringMatching(/^([0-9a-f]{2}:){15}[0-9a-f]{2}$/) as string,
        user_id: expect.any(String) as string,
        private_key: expect.stringContaining('PRIVATE KEY') as string,
      },
    });
    const made = await face.user.post(AT, { keypair: { name: 'new', public_key: KEY } }, 'compute 2.2').expect(201);
    expect(made.body).toMatchObject({ keypair: { name: 'new', type: 'ssh' } });
    expect(made.body).not.toHaveProperty('keypair.private_key');
    expect((await face.user.get(`${AT}/old`).expect(200)).body).not.toHaveProperty('keypair.private_key');
  });
  it('a key pair that was asked for twice with one key is made once, and its private key is not stored', async () => {
    const send = () => face.user.post(AT, { keypair: { name: 'twice' } }, 'compute 2.2').set('Idempotency-Key', 'k');
    const [first, second] = [await send().expect(201), await send().expect(201)];
    expect(first.body).toHaveProperty('keypair.private_key');
    expect(second.body).not.toHaveProperty('keypair.private_key');
    expect(await sql(cloud.service.db, `select 1 from idempotency_key where body::text like '%private%'`)).toEqual([]);
  });
  it('200: lists wrap each one; pages from 2.35', async () => {
    const { body } = await face.user.get(AT).expect(200);
    expect((body as { keypairs: object[] }).keypairs[0]).toEqual({
      keypair: { name: 'new', public_key: expect.any(String) as string, fingerprint: expect.any(String) as string },
    });
    const page = (await face.user.get(`${AT}?limit=1`, 'compute 2.35').expect(200)).body as {
      keypairs: { keypair: { name: string } }[];
      keypairs_links: { href: string }[];
    };
    expect(page.keypairs).toHaveLength(1);
    const next = await face.user.get(
      (page.keypairs_links[0] as { href: string }).href.replace('http://cloud.test', ''),
      'compute 2.35',
    );
    expect(next.body).toMatchObject({ keypairs: [{ keypair: { name: 'old' } }] });
  });
  it('409, 400, 403, 404', async () => {
    const { body } = await face.user.post(AT, { keypair: { name: 'new' } }).expect(409);
    expect(message(body)).toBe("Key pair 'new' already exists.");
    for (const keypair of [
      {},
      { name: '' },
      { name: 'a/b' },
      { name: 'x', public_key: 'rubbish' },
      { name: 'x', other: 1 },
      { name: 'x', type: 'ssh' },
    ])
      await face.user.post(AT, { keypair }).expect(400);
    await face.stranger.get(`${AT}/new`).expect(404);
    const userId = ((await face.user.get(`${AT}/new`)).body as { keypair: { user_id: string } }).keypair.user_id;
    await face.stranger.get(`${AT}?user_id=${userId}`, 'compute 2.10').expect(403);
    expect((await face.staff.get(`${AT}?user_id=${userId}`, 'compute 2.10').expect(200)).body).toMatchObject({
      keypairs: [{}, {}, {}],
    });
    await face.reader.delete(`${AT}/new`).expect(403);
    await face.user.delete(`${AT}/new`).expect(202);
    await face.user.delete(`${AT}/old`, 'compute 2.2').expect(204);
    await face.user.delete(`${AT}/old`).expect(404);
  });
});

describe('limits, quotas, usage and hosts of the compute API', () => {
  const cloud = useCloud();
  const { service } = cloud;
  const face = useFaces(service);

  it('200: limits, by version', async () => {
    const absolute = async (version?: string, as = face.user) =>
      (
        (await as.get(`${V}/limits`, version).expect(200)).body as {
          limits: { rate: []; absolute: Record<string, number> };
        }
      ).limits.absolute;
    expect(await absolute('compute 2.57')).toEqual({
      maxTotalInstances: 10,
      maxTotalCores: 20,
      maxTotalRAMSize: 51_200,
      maxServerMeta: 128,
      maxTotalKeypairs: 100,
      maxServerGroups: 10,
      maxServerGroupMembers: 10,
      totalInstancesUsed: 0,
      totalCoresUsed: 0,
      totalRAMUsed: 0,
      totalServerGroupsUsed: 0,
    });
    expect(Object.keys(await absolute())).toEqual(
      expect.arrayContaining(['maxTotalFloatingIps', 'maxImageMeta', 'maxPersonality']),
    );
    await cloud.ask();
    expect((await absolute()).totalInstancesUsed).toBe(1);
    expect((await absolute(undefined, face.stranger)).totalInstancesUsed).toBe(0);
    expect((await absolute(undefined, face.homeless)).totalInstancesUsed).toBe(0);
    await face.user.get(`${V}/limits?tenant_id=${face.otherProject}`).expect(403);
    await face.staff.get(`${V}/limits?tenant_id=${face.project}`).expect(200);
  });
  it('quotas: shown to their project, set by administrators', async () => {
    const at = `${V}/os-quota-sets/${face.project}`;
    const { body } = await face.user.get(at).expect(200);
    expect(body).toMatchObject({ quota_set: { id: face.project, instances: 10, floating_ips: 50 } });
    expect((await face.user.get(at, 'compute 2.57').expect(200)).body).not.toHaveProperty('quota_set.floating_ips');
    expect((await face.user.get(`${at}/detail`).expect(200)).body).toMatchObject({
      quota_set: {
        instances: { limit: 10, in_use: expect.any(Number) as number, reserved: expect.any(Number) as number },
      },
    });
    await face.stranger.get(at).expect(403);
    await face.user.put(at, { quota_set: { instances: 50 } }).expect(403);
    expect((await face.staff.put(at, { quota_set: { instances: 50, cores: '99' } }).expect(200)).body).toMatchObject({
      quota_set: { instances: 50, cores: 99 },
    });
    expect((await face.user.get(`${at}/defaults`).expect(200)).body).toMatchObject({ quota_set: { instances: 10 } });
    await face.staff.put(at, { quota_set: { instances: 0 } }).expect(400);
    await face.staff.put(at, { quota_set: { instances: 0, force: true } }).expect(200);
    for (const quota of [{ instances: -2 }, { instances: 'x' }, { nonsense: 1 }])
      await face.staff.put(at, { quota_set: quota }).expect(400);
    await face.staff.put(`${V}/os-quota-sets/nothing`, { quota_set: {} }).expect(404);
    await face.staff.put(`${V}/os-quota-sets/${randomUUID()}`, { quota_set: { cores: 1 } }).expect(404);
    await face.staff.delete(at).expect(202);
    expect((await face.user.get(at)).body).toMatchObject({ quota_set: { instances: 10 } });
  });
  it('200: usage, from the launch on, clipped to the period', async () => {
    const id = await cloud.build();
    await sql(
      service.db,
      `update instance set launched_at = '2026-01-10T00:00:00Z', terminated_at = '2026-01-10T12:00:00Z' where id = $1`,
      [id],
    );
    const at = `${V}/os-simple-tenant-usage/${face.project}`;
    const read = async (query: string, as = face.user) =>
      (await as.get(`${at}?${query}`).expect(200)).body as { tenant_usage: Record<string, unknown> };
    const { tenant_usage: usage } = await read('start=2026-01-10T06:00:00.000000&end=2026-01-11T00:00:00');
    expect(usage).toMatchObject({
      tenant_id: face.project,
      start: '2026-01-10T06:00:00.000000',
      stop: '2026-01-11T00:00:00.000000',
      total_hours: 6,
      server_usages: [
        {
          instance_id: id,
          hours: 6,
          uptime: 43_200,
          started_at: '2026-01-10T00:00:00.000000',
          ended_at: '2026-01-10T12:00:00.000000',
        },
      ],
    });
    const flavor = (usage.server_usages as { vcpus: number; memory_mb: number }[])[0] as {
      vcpus: number;
      memory_mb: number;
    };
    expect(usage.total_vcpus_usage).toBe(6 * flavor.vcpus);
    expect(usage.total_memory_mb_usage).toBe(6 * flavor.memory_mb);
    expect((await read('start=2020-01-01T00:00:00&end=2020-01-02T00:00:00')).tenant_usage).toMatchObject({
      total_hours: 0,
      total_vcpus_usage: 0,
      server_usages: [],
    });
    for (const wrong of ['start=x', 'start=2026-01-02T00:00:00&end=2026-01-01T00:00:00'])
      await face.user.get(`${at}?${wrong}`).expect(400);
    await face.stranger.get(at).expect(403);
    await face.user.get(`${V}/os-simple-tenant-usage`).expect(403);
    const all = await face.staff
      .get(`${V}/os-simple-tenant-usage?start=2026-01-10T06:00:00&end=2026-01-11T00:00:00&detailed=1`)
      .expect(200);
    expect(all.body).toMatchObject({
      tenant_usages: [{ tenant_id: face.project, total_hours: 6, server_usages: [{ instance_id: id }] }],
    });
  });
  it('200, 403: zones for all, hosts for administrators', async () => {
    expect((await face.user.get(`${V}/os-availability-zone`).expect(200)).body).toMatchObject({
      availabilityZoneInfo: [{ zoneName: 'Region1', zoneState: { available: true }, hosts: null }],
    });
    await service.sweep('catalog.stock');
    const { body } = await face.staff.get(`${V}/os-hypervisors/detail`, 'compute 2.53').expect(200);
    const [host] = (body as { hypervisors: { id: string; vcpus: number; free_ram_mb: number }[] }).hypervisors;
    expect(host).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      vcpus: expect.any(Number) as number,
    });
    await face.staff.get(`${V}/os-hypervisors/${host?.id}`, 'compute 2.53').expect(200);
    const [old] = ((await face.staff.get(`${V}/os-hypervisors`).expect(200)).body as { hypervisors: { id: number }[] })
      .hypervisors;
    expect(old?.id).toEqual(expect.any(Number));
    await face.staff.get(`${V}/os-hypervisors/${old?.id}`).expect(200);
    await face.staff.get(`${V}/os-hypervisors/x`).expect(404);
    expect((await face.staff.get(`${V}/os-hypervisors/statistics`).expect(200)).body).toMatchObject({
      hypervisor_statistics: { count: expect.any(Number) as number, vcpus: expect.any(Number) as number },
    });
    await face.staff.get(`${V}/os-hypervisors/statistics`, 'compute 2.88').expect(404);
    await face.staff.get(`${V}/os-hypervisors/${old?.id}/uptime`).expect(501);
    await face.staff.get(`${V}/os-hypervisors/x/uptime`).expect(404);
    await face.staff.get(`${V}/os-hypervisors/${host?.id}/uptime`, 'compute 2.88').expect(404);
    await face.user.get(`${V}/os-hypervisors/${old?.id}/uptime`).expect(403);
    for (const path of [
      'os-hypervisors',
      'os-hypervisors/detail',
      'os-services',
      'os-aggregates',
      'os-migrations',
      'os-availability-zone/detail',
    ])
      await face.user.get(`${V}/${path}`).expect(403);
    for (const path of ['os-services', 'os-aggregates', 'os-migrations', 'os-availability-zone/detail'])
      await face.staff.get(`${V}/${path}`).expect(200);
    expect((await face.user.get(`${V}/os-server-groups`).expect(200)).body).toEqual({ server_groups: [] });
    await face.user.get(`${V}/extensions`).expect(200);
    await face.user.get(`${V}/extensions/os-keypairs`).expect(200);
    await face.user.get(`${V}/extensions/nothing`).expect(404);
  });
});

describe('security groups of the compute API, for older clients', () => {
  const { service } = useCloud();
  const face = useFaces(service);
  it('200 below 2.36, 404 from then on', async () => {
    const made = await service.user
      .post('/api/openstack/securitygroups', { name: 'old', region: 'Region1' })
      .expect(201);
    const { id } = made.body as { id: string };
    const listed = (await face.user.get(`${V}/os-security-groups`).expect(200)).body as {
      security_groups: { id: string }[];
    };
    expect(listed.security_groups.map((one) => one.id)).toContain(id);
    expect((await face.user.get(`${V}/os-security-groups/${id}`).expect(200)).body).toMatchObject({
      security_group: { id, name: 'old', tenant_id: face.project, rules: [] },
    });
    await face.user.get(`${V}/os-security-groups/old`).expect(404);
    await face.stranger.get(`${V}/os-security-groups/${id}`).expect(404);
    await face.user.get(`${V}/os-security-groups`, 'compute 2.36').expect(404);
  });
});
