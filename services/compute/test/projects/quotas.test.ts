import { randomUUID } from 'node:crypto';
import { sql } from '@nefos/service-kit';
import pg from 'pg';
import { reserveQuota } from '../../src/projects/domain/reserve-quota.js';
import { QUOTA_RESOURCES } from '../../src/projects/quota-resources.js';
import { createBody, FLAVOR, STAFF, USER, useCloud } from '../cloud-support.js';

describe('quotas of a project', () => {
  const cloud = useCloud();
  const { service } = cloud;
  const projectOf = async (client = service.ownClient): Promise<string> =>
    (
      await sql<{ id: string }>(
        service.db,
        'select p.id from project p join service s on s.id = p.service_id where s.client_id = $1',
        [client],
      )
    )[0]?.id as string;
  const path = (id: string) => `/staffapi/openstack/quotas/${id}`;
  const show = async (id: string) =>
    (await service.staff.get(path(id)).expect(200)).body as Record<string, { limit: number; in_use: number }>;
  const set = (id: string, limits: object) => service.staff.patch(path(id), limits);
  const clientWith = async (limits: object = {}) => {
    const client = await service.seedClient();
    const project = await projectOf(client);
    if (Object.keys(limits).length) await set(project, limits).expect(200);
    return { client, project };
  };

  it('200: all sixteen keys, with the defaults of Nova, Cinder and Neutron', async () => {
    const { body } = await service.staff.get(path(await projectOf())).expect(200);
    expect(Object.keys(body as object)).toEqual(QUOTA_RESOURCES);
    expect(
      Object.fromEntries(Object.entries(body as Record<string, { limit: number }>).map(([k, v]) => [k, v.limit])),
    ).toEqual({
      instances: 10,
      cores: 20,
      ram: 51_200,
      key_pairs: 100,
      server_groups: 10,
      volumes: 10,
      gigabytes: 1000,
      snapshots: 10,
      backups: 10,
      network: 100,
      subnet: 100,
      port: 500,
      router: 10,
      floatingip: 50,
      security_group: 10,
      security_group_rule: 100,
    });
    expect(body.server_groups).toEqual({ limit: 10, in_use: 0, reserved: 0 });
  });
  it('200: what is being built is reserved, what is there is in use, what is gone is neither', async () => {
    const { client, project } = await clientWith();
    const { id } = await cloud.ask({}, client);
    expect(await show(project)).toMatchObject({
      instances: { in_use: 0, reserved: 1 },
      cores: { in_use: 0, reserved: 1 },
      ram: { in_use: 0, reserved: 256 },
    });
    await cloud.work();
    expect(await show(project)).toMatchObject({
      instances: { in_use: 1, reserved: 0 },
      cores: { in_use: 1, reserved: 0 },
      ram: { in_use: 256, reserved: 0 },
    });
    await service.staff.delete(`${STAFF}/${id}`).expect(200);
    expect(await show(project)).toMatchObject({ instances: { in_use: 1, reserved: 0 } });
    await cloud.work();
    expect(await show(project)).toMatchObject({ instances: { in_use: 0, reserved: 0 }, ram: { in_use: 0 } });
  });
  it('200: images of instances and networks of the project count', async () => {
    const { project } = await clientWith();
    for (const [type, status] of [
      ['snapshot', 'active'],
      ['snapshot', 'saving'],
      ['snapshot', 'killed'],
      ['backup', 'active'],
      ['template', 'active'],
    ])
      await sql(
        service.db,
        `insert into image (id, region_id, project_id, name, type, status, visibility)
        values ($1, 'Region1', $2, 'x', $3, $4, 'private')`,
        [randomUUID(), project, type, status],
      );
    const network = randomUUID();
    await sql(service.db, `insert into network (id, region_id, project_id, name) values ($1, 'Region1', $2, 'own')`, [
      network,
      project,
    ]);
    for (const cidr of ['10.1.0.0/24', '10.2.0.0/24'])
      await sql(service.db, `insert into subnet (id, network_id, name, cidr) values ($1, $2, 'sub', $3)`, [
        randomUUID(),
        network,
        cidr,
      ]);
    expect(await show(project)).toMatchObject({
      snapshots: { in_use: 1, reserved: 1 },
      backups: { in_use: 1, reserved: 0 },
      network: { in_use: 1, reserved: 0 },
      subnet: { in_use: 2, reserved: 0 },
    });
  });

  it('200: staff set limits; the others stay; -1 is none; null is the default again', async () => {
    const { project } = await clientWith();
    await set(project, { cores: 4, ram: -1 }).expect(200);
    expect((await set(project, { instances: 2 }).expect(200)).body).toMatchObject({
      instances: { limit: 2 },
      cores: { limit: 4 },
      ram: { limit: -1 },
      volumes: { limit: 10 },
    });
    expect((await set(project, { cores: null }).expect(200)).body.cores.limit).toBe(20);
    expect((await set(project, {}).expect(200)).body.instances.limit).toBe(2);
  });
  it.each([
    [{ disks: 1 }, 'disks', 'This field is not allowed.'],
    [{ cores: -2 }, 'cores', 'Ensure this value is greater than or equal to -1.'],
    [{ cores: 2_147_483_648 }, 'cores', 'Ensure this value is less than or equal to 2147483647.'],
    [{ ram: 'many' }, 'ram', 'A valid integer is required.'],
    [{ ram: 1.5 }, 'ram', 'A valid integer is required.'],
    [{ constructor: 1 }, 'constructor', 'This field is not allowed.'],
    [{ force: 'perhaps', cores: 1 }, 'force', 'Must be a valid boolean.'],
  ])('400: %j, as OpenStack refuses it, and nothing changes', async (limits, field, words) => {
    const { project } = await clientWith({ cores: 7 });
    const before = await show(project);
    expect((await set(project, { ...limits, instances: 3 }).expect(400)).body).toEqual({ [field]: [words] });
    expect(await show(project)).toEqual(before);
  });
  it('400: a body that is no object, or is nested', async () => {
    const { project } = await clientWith();
    await set(project, []).expect(400);
    await set(project, { quota_set: { cores: 1 } }).expect(400);
    await set(project, { cores: [1] }).expect(400);
  });
  it('400: a limit below what is used, unless it is forced; then nothing more is made', async () => {
    const { client, project } = await clientWith();
    await cloud.build({}, client);
    await cloud.ask({}, client);
    expect((await set(project, { instances: 1, cores: 1, ram: 600 }).expect(400)).body).toEqual({
      instances: ['Quota limit 1 for instances must be greater than or equal to already used and reserved 2.'],
      cores: ['Quota limit 1 for cores must be greater than or equal to already used and reserved 2.'],
    });
    expect(await show(project)).toMatchObject({ instances: { limit: 10 }, ram: { limit: 51_200 } });
    expect((await set(project, { instances: 1, force: true }).expect(200)).body.instances).toEqual({
      limit: 1,
      in_use: 1,
      reserved: 1,
    });
    // A change of another limit is not refused for it.
    await set(project, { cores: 2 }).expect(200);
    await service.staff.post(STAFF, createBody({ client })).expect(403);
  });
  it('403: names resource, request, use and limit', async () => {
    const { client } = await clientWith({ ram: 500 });
    await cloud.build({}, client);
    const res = await service.staff.post(STAFF, createBody({ client })).expect(403);
    expect(res.body).toEqual({ detail: 'Quota exceeded for ram: Requested 256, but already used 256 of 500 ram' });
    expect(res.headers['x-error-code']).toBe('quota_exceeded');
  });
  it('403: twenty at once for the last three rooms: three get in', async () => {
    const { client, project } = await clientWith({ instances: 3 });
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, i) => service.staff.post(STAFF, createBody({ client, name: `vm-${i}` }))),
    );
    expect(all.map(({ status }) => status).sort()).toEqual([201, 201, 201, ...Array<number>(17).fill(403)]);
    expect(await show(project)).toMatchObject({ instances: { limit: 3, reserved: 3 }, cores: { reserved: 3 } });
  });
  it('403: a limit that is lowered at the same time holds for all that come after', async () => {
    const { client, project } = await clientWith();
    const [lowered, ...made] = await Promise.all([
      set(project, { instances: 2 }),
      ...Array.from({ length: 12 }, () => service.staff.post(STAFF, createBody({ client }))),
    ]);
    const { in_use: inUse, reserved, limit } = (await show(project)).instances as never as Record<string, number>;
    const total = (inUse ?? 0) + (reserved ?? 0);
    expect(made.filter(({ status }) => status === 201)).toHaveLength(total);
    // Either it came in time, or it was refused because more had been made.
    expect([lowered?.status, limit === 2 ? total <= 2 : total === 10]).toEqual([limit === 2 ? 200 : 400, true]);
  });
  it('201: without limits eleven and more are made', async () => {
    const { client } = await clientWith({ instances: -1, cores: -1, ram: -1 });
    for (let i = 0; i < 12; i += 1) await service.staff.post(STAFF, createBody({ client })).expect(201);
  });

  it('a reservation counts only what has a limit: two statements, one when there is none', async () => {
    const { project } = await clientWith();
    const statements = (demand: object): Promise<number> =>
      service.db.transaction(async (tx) => {
        const spy = jest.spyOn(pg.Client.prototype, 'query');
        await reserveQuota(tx, project, demand);
        const { length } = spy.mock.calls;
        spy.mockRestore();
        return length;
      });
    expect(await statements({ instances: 1, cores: 1, ram: 1 })).toBe(2);
    expect(await statements({ instances: 0, cores: -3 })).toBe(1);
    await set(project, { instances: -1 }).expect(200);
    expect(await statements({ instances: 1 })).toBe(1);
  });
  it('a reservation of what there is none of yet is compared with its limit', async () => {
    const { project } = await clientWith({ volumes: 2 });
    const reserve = (volumes: number) => service.db.transaction((tx) => reserveQuota(tx, project, { volumes }));
    await reserve(2);
    await expect(reserve(3)).rejects.toMatchObject({
      kind: 'forbidden',
      code: 'create.quota',
      params: { resource: 'volumes', requested: 3, used: 0, limit: 2 },
    });
  });

  it("404: end users read their own projects' quotas and no others; they set none", async () => {
    const [own, other] = [await projectOf(), await projectOf(service.otherClient)];
    const at = '/api/openstack/quotas';
    expect((await service.user.get(`${at}/${own}`).expect(200)).body.cores.limit).toBe(20);
    const absent = await service.user.get(`${at}/${'0'.repeat(32)}`).expect(404);
    const foreign = await service.user.get(`${at}/${other}`).expect(404);
    expect(foreign.body).toEqual(absent.body);
    for (const id of ['x', '%00', own.slice(1), `${own}0`]) await service.user.get(`${at}/${id}`).expect(404);
    await service.user.patch(`${at}/${own}`, { cores: 100 }).expect(405);
    await service.user.patch(path(own), { cores: 100 }).expect(403);
  });
});

describe('projects', () => {
  const cloud = useCloud();
  const { service } = cloud;
  const at = '/staffapi/openstack/projects';
  const serviceOf = async (client: number): Promise<number> =>
    (await sql<{ id: number }>(service.db, 'select id from service where client_id = $1', [client]))[0]?.id as number;
  const mine = async (client: number) =>
    (await service.staff.get(`${at}?filtering=client__id:${client}`).expect(200)).body.objects as { id: string }[];

  it('200: the list and the object have service, client and regions', async () => {
    const [project] = await mine(service.ownClient);
    expect(project).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      name: 'project',
      region_ids: ['Region1'],
      service: { id: await serviceOf(service.ownClient), status: 'active' },
      client: { id: service.ownClient, name: 'Jane Doe' },
      disabled: false,
    });
    expect((await service.staff.get(`${at}/${project?.id}`).expect(200)).body).toEqual(project);
    expect((await service.staff.get(`${at}/${project?.id}/`).expect(200)).body).toEqual(project);
    await sql(service.db, `insert into region (id, enabled) values ('Later', false), ('Abroad', true)`);
    expect((await mine(service.ownClient))[0]).toMatchObject({ region_ids: ['Abroad', 'Region1'] });
  });
  it("200: end users see their clients' projects only", async () => {
    const { body } = await service.user.get('/api/openstack/projects').expect(200);
    expect(body.objects.map((one: { client: { id: number } }) => one.client.id)).toEqual([service.ownClient]);
    const [other] = await mine(service.otherClient);
    await service.user.get(`/api/openstack/projects/${other?.id}`).expect(404);
    const filtered = await service.user
      .get(`/api/openstack/projects?filtering=client__id:${service.otherClient}`)
      .expect(200);
    expect(filtered.body.totalCount).toBe(0);
  });
  it('201: a service without a project gets one, once', async () => {
    const client = await service.seedClient();
    const id = await serviceOf(client);
    await sql(service.db, 'delete from project where service_id = $1', [id]);
    await service.staff.post(STAFF, createBody({ client })).expect(400);
    const both = await Promise.all([1, 2, 3].map(() => service.staff.post(at, { service: id })));
    expect(both.map(({ status }) => status).sort()).toEqual([201, 400, 400]);
    expect(both.find(({ status }) => status === 400)?.body).toEqual({
      service: ['The service has a project already.'],
    });
    expect(await mine(client)).toEqual([expect.objectContaining({ name: `client-${client}`, disabled: false })]);
    await service.staff.post(STAFF, createBody({ client })).expect(201);
  });
  it('201: an OpenStack service that is ordered without a project gets one from staff', async () => {
    const client = await service.seedClient({ service: false });
    const [offer] = await sql<{ product_id: number; product_cycle_id: number }>(
      service.db,
      `select p.id product_id, c.id product_cycle_id from product p join product_cycle c on c.product_id = p.id
      where p.code = 'openstack' and c.currency = 'EUR'`,
    );
    const { body } = await service.staff
      .post('/staffapi/openstack/billing/services/create_openstack_service', {
        client_id: client,
        create_new_project: false,
        ...offer,
      })
      .expect(201);
    expect(await mine(client)).toEqual([]);
    await service.staff.post(at, { service: body.id, name: 'hand-made' }).expect(201);
    await service.staff.post(STAFF, createBody({ client })).expect(201);
  });
  it('400: no service, one that has ended, one of another product', async () => {
    const client = await service.seedClient();
    const id = await serviceOf(client);
    expect((await service.staff.post(at, { service: 999_999 }).expect(400)).body).toEqual({
      service: ['Invalid pk "999999" - object does not exist.'],
    });
    await service.staff.post(at, {}).expect(400);
    await service.staff.post(at, { service: id, name: 'x'.repeat(65) }).expect(400);
    await sql(service.db, 'delete from project where service_id = $1', [id]);
    await sql(service.db, `update service set status = 'terminated' where id = $1`, [id]);
    expect((await service.staff.post(at, { service: id }).expect(400)).body).toEqual({
      service: ['The service is no OpenStack service, or it has ended.'],
    });
  });
  it('400, 403: a disabled project accepts no creates, also when it is disabled at the same time', async () => {
    const client = await service.seedClient();
    const [project] = await mine(client);
    const change = (body: object) => service.staff.patch(`${at}/${project?.id}`, body);
    expect((await change({ disabled: true, name: 'closed' }).expect(200)).body).toMatchObject({
      disabled: true,
      name: 'closed',
    });
    await service.staff.post(STAFF, createBody({ client })).expect(400);
    await change({ disabled: false }).expect(200);
    const kept = await cloud.build({}, client);
    // The owner was read before; the lock of the quota sees that the project is disabled.
    await expect(
      service.db.transaction(async (tx) => {
        await change({ disabled: true }).expect(200);
        await reserveQuota(tx, project?.id ?? '', { instances: 1 });
      }),
    ).rejects.toMatchObject({ kind: 'forbidden', code: 'project.disabled' });
    expect((await service.staff.get(`${STAFF}/${kept}`).expect(200)).body.status).toBe('active');
    await change({ disabled: 'perhaps' }).expect(400);
    await change({}).expect(200);
    await service.staff.patch(`${at}/${'0'.repeat(32)}`, { disabled: true }).expect(404);
  });
  it('403: end users make and change none', async () => {
    const [project] = await mine(service.ownClient);
    await service.user.post(at, { service: 1 }).expect(403);
    await service.user.patch(`${at}/${project?.id}`, { disabled: true }).expect(403);
    await service.user.post('/api/openstack/projects', { service: 1 }).expect(405);
  });
});

describe('instances by tag', () => {
  const cloud = useCloud();
  const { service } = cloud;
  let ids: Record<string, string>;
  beforeAll(async () => {
    ids = {
      plain: (await cloud.ask({ name: 'plain' })).id,
      web: (await cloud.ask({ name: 'web', tags: ['web', 'eu:prod'] })).id,
      both: (await cloud.ask({ name: 'both', tags: ['web', 'db'] })).id,
      foreign: (await cloud.ask({ name: 'foreign', tags: ['web'] }, service.otherClient)).id,
    };
  });
  const named = async (filter: string, root = STAFF, as = service.staff): Promise<string[]> => {
    const { body } = await as.get(`${root}?filtering=${encodeURIComponent(filter)}&ordering=name`).expect(200);
    return (body.objects as { name: string }[]).map(({ name }) => name);
  };
  it.each([
    ['tags:web', ['both', 'foreign', 'web']],
    ['tags:eu:prod', ['web']],
    ['tags:web+tags:db', ['both']],
    ['tags__in:db,eu:prod', ['both', 'web']],
    ['tags__ne:web', ['plain']],
    ['tags__isnull:true', ['plain']],
    ['tags__isnull:false', ['both', 'foreign', 'web']],
    ['tags:WEB', []],
    ['tags:we', []],
  ])('200: %s', async (filter, names) => {
    expect(await named(filter)).toEqual(names);
  });
  it("200: an end user's filter finds own instances only", async () => {
    expect(await named('tags:web', USER, service.user)).toEqual(['both', 'web']);
  });
  it('400: lookups that make no sense of tags', async () => {
    for (const filter of ['tags__lt:a', 'tags__contains:a', 'tags__range:a,b', 'tags__isnull:perhaps'])
      await service.staff.get(`${STAFF}?filtering=${filter}`).expect(400);
  });
  it('the index of tags serves the filter', async () => {
    await sql(
      service.db,
      `insert into instance (id, client_id, project_id, region_id, flavor_id, networks, name, vm_state, tags)
      select gen_random_uuid(), 1, 'p', 'Region1', $1, '{}', 'n' || n, 'active',
        case when n % 10 = 0 then array['t' || n] else '{}' end from generate_series(1, 20000) n`,
      [FLAVOR],
    );
    await sql(service.db, 'analyze instance');
    const plan = await sql<Record<string, string>>(
      service.db,
      `explain select i.id from instance i where i.vm_state <> 'deleted' and (i.tags <> '{}' and i.tags && $1::text[])
      order by i.created_at desc, i.id desc limit 20`,
      [['t500']],
    );
    expect(JSON.stringify(plan)).toContain('instance_tags_idx');
    expect(ids.plain).toBeTruthy();
  });
});
