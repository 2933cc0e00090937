import { randomUUID } from 'node:crypto';
import { sql } from '@nefos/service-kit';
import { createBody, FLAVOR, IMAGE, NETWORK, STAFF, useCloud, USER } from '../cloud-support.js';

describe('POST instances', () => {
  const cloud = useCloud();
  const { service } = cloud;
  const refused = (change: object, client?: number) =>
    service.staff
      .post(STAFF, createBody({ client: client ?? service.ownClient, ...change }))
      .expect(400)
      .then(({ body }) => body as object);
  const insertImage = async (more: object): Promise<string> => {
    const id = randomUUID();
    await sql(
      service.db,
      `insert into image select (jsonb_populate_record(i, $2::jsonb)).* from image i where id = $1`,
      [IMAGE, JSON.stringify({ id, ...more })],
    );
    return id;
  };
  const insertFlavor = async (more: object): Promise<string> => {
    const id = randomUUID();
    await sql(
      service.db,
      `insert into flavor select (jsonb_populate_record(f, $2::jsonb)).* from flavor f where id = $1`,
      [FLAVOR, JSON.stringify({ id, name: id, ...more })],
    );
    return id;
  };
  const projectOf = async (client: number): Promise<string> =>
    (
      await sql<{ id: string }>(
        service.db,
        'select p.id from project p join service s on s.id = p.service_id where s.client_id = $1',
        [client],
      )
    )[0]?.id as string;

  it('201: row, operation and job come in one transaction', async () => {
    const { id, operation } = await cloud.ask();
    expect(await cloud.row(id)).toMatchObject({
      vm_state: 'building',
      task_state: 'scheduling',
      operation_id: operation,
    });
    expect(
      await sql(service.db, `select key from graphile_worker.jobs where task_identifier = 'instance.run'`),
    ).toEqual([{ key: `operation:${operation}` }]);
    const res = await service.staff.get(`/staffapi/operations/${operation}`).expect(200);
    expect(res.body).toMatchObject({
      type: 'instance.create',
      status: 'pending',
      progress: 0,
      primary_object: { type: 'instance', id },
      created_by: { username: 'demoadmin' },
      params: { flavor: FLAVOR, image: IMAGE, region: 'Region1', name: 'newinstance' },
      attempts: 0,
      error: null,
      cancellable: true,
    });
    await cloud.work();
    expect((await service.staff.get(`/staffapi/operations/${operation}`).expect(200)).body).toMatchObject({
      status: 'completed',
      progress: 100,
      steps: [
        { name: 'scheduling', status: 'completed' },
        { name: 'spawning', status: 'completed' },
      ],
      attempts: 1,
      cancellable: false,
    });
  });
  it('400: everything that names nothing is told at once, under its place', async () => {
    const unknown = randomUUID();
    const pk = (id: string | number) => [`Invalid pk "${id}" - object does not exist.`];
    expect(
      await refused({
        flavor: unknown,
        nics: [NETWORK, { network: unknown }],
        client: 1,
        boot_source: { source_type: 'image', source_id: unknown },
      }),
    ).toEqual({
      client: pk(1),
      flavor: pk(unknown),
      boot_source: { source_id: pk(unknown) },
      nics: { 1: pk(unknown) },
    });
    expect(await refused({ region: 'Nowhere' })).toEqual({ region: pk('Nowhere') });
  });
  it('400: no body at all names the six required fields', async () => {
    expect((await service.staff.post(STAFF, {}).expect(400)).body).toEqual(
      Object.fromEntries(
        ['region', 'client', 'name', 'flavor', 'nics', 'boot_source'].map((key) => [key, ['This field is required.']]),
      ),
    );
  });
  it("400: an image that asks for more than the flavor has, in Nova's words", async () => {
    expect(
      await refused({ boot_source: { source_type: 'image', source_id: await insertImage({ min_ram: 257 }) } }),
    ).toEqual({ flavor: ["Flavor's memory is too small for requested image."] });
    expect(
      await refused({ boot_source: { source_type: 'image', source_id: await insertImage({ min_disk: 2 }) } }),
    ).toEqual({ flavor: ["Flavor's disk is too small for requested image."] });
  });
  it('400: out of stock, which staff may force', async () => {
    const flavor = await insertFlavor({ stock_limit: 0 });
    const res = await service.staff.post(STAFF, createBody({ client: service.ownClient, flavor })).expect(400);
    expect([res.body, res.headers['x-error-code']]).toEqual([
      { flavor: ['This flavor is out of stock.'] },
      'out_of_stock',
    ]);
    await service.staff.post(STAFF, createBody({ client: service.ownClient, flavor, force: true })).expect(201);
  });
  it("400: another project's image, unless staff shares it; to an end user it looks absent", async () => {
    const client = await service.seedClient();
    const image = await insertImage({ visibility: 'private', project_id: await projectOf(service.otherClient) });
    const boot = { boot_source: { source_type: 'image', source_id: image } };
    expect(await refused(boot, client)).toEqual({
      boot_source: { source_id: ['The image belongs to another project.'] },
    });
    expect((await service.user.post(USER, createBody(boot)).expect(400)).body).toEqual({
      boot_source: { source_id: [`Invalid pk "${image}" - object does not exist.`] },
    });
    await service.staff.post(STAFF, createBody({ client, share_image: true, ...boot })).expect(201);
    await service.staff.post(STAFF, createBody({ client, ...boot })).expect(201);
  });
  it('400: a flavor or network of another project looks absent', async () => {
    const flavor = await insertFlavor({ is_public: false });
    const other = randomUUID();
    await sql(
      service.db,
      `insert into network (id, region_id, name, project_id) values ($1, 'Region1', 'theirs', $2)`,
      [other, await projectOf(service.otherClient)],
    );
    expect(await refused({ flavor })).toEqual({ flavor: [`Invalid pk "${flavor}" - object does not exist.`] });
    expect(await refused({ nics: [other] })).toEqual({
      nics: { 0: [`Invalid pk "${other}" - object does not exist.`] },
    });
    await sql(service.db, 'insert into flavor_project (flavor_id, project_id) values ($1, $2)', [
      flavor,
      await projectOf(service.ownClient),
    ]);
    await service.staff.post(STAFF, createBody({ client: service.ownClient, flavor })).expect(201);
  });
  it('400: the network that is out of reach is named by its place in the request', async () => {
    const theirs = '00000000-0000-4000-8000-000000000001';
    await sql(
      service.db,
      `insert into network (id, region_id, name, project_id) values ($1, 'Region1', 'theirs, too', $2)`,
      [theirs, await projectOf(service.otherClient)],
    );
    for (const [at, nics] of [
      [0, [theirs, NETWORK]],
      [1, [NETWORK, theirs]],
    ] as const)
      expect(await refused({ nics })).toEqual({ nics: { [at]: [`Invalid pk "${theirs}" - object does not exist.`] } });
  });
  it('400: five at once, two are left in stock', async () => {
    const flavor = await insertFlavor({ stock_limit: 2 });
    const clients = await Promise.all(Array.from({ length: 5 }, () => service.seedClient()));
    const all = await Promise.all(clients.map((client) => service.staff.post(STAFF, createBody({ client, flavor }))));
    expect(all.map((res) => res.status).sort()).toEqual([201, 201, 400, 400, 400]);
  });
  it('400: a disabled region, and a boot source that no driver knows yet', async () => {
    await sql(service.db, `insert into region (id, enabled) values ('Off', false)`);
    const [flavor, network, image] = [
      await insertFlavor({ region_id: 'Off' }),
      randomUUID(),
      await insertImage({ region_id: 'Off' }),
    ];
    await sql(service.db, `insert into network (id, region_id, name, shared) values ($1, 'Off', 'off', true)`, [
      network,
    ]);
    expect(
      await refused({
        region: 'Off',
        flavor,
        nics: [network],
        boot_source: { source_type: 'image', source_id: image },
      }),
    ).toEqual({ region: ['Region is not enabled.'] });
    expect(await refused({ boot_source: { source_type: 'iso', source_id: IMAGE } })).toEqual({
      boot_source: { source_type: ['This boot source is not supported in this region.'] },
    });
  });
  it('400: a client without an active OpenStack service', async () => {
    expect(await refused({}, await service.seedClient({ service: false }))).toEqual({
      client: ['Client has no active OpenStack service.'],
    });
  });
  it('403: below the required credit', async () => {
    const client = await service.seedClient();
    await sql(service.db, `update configuration set required_credit = 10 where is_default`);
    try {
      const res = await service.staff.post(STAFF, createBody({ client })).expect(403);
      expect([res.body, res.headers['x-error-code']]).toEqual([
        { detail: 'Insufficient credit: 0.00 EUR available, 10.00 EUR required.' },
        'insufficient_credit',
      ]);
    } finally {
      await sql(service.db, `update configuration set required_credit = 0 where is_default`);
    }
  });
  it('403: twelve at once, ten fit into the quota', async () => {
    const client = await service.seedClient();
    const all = await Promise.all(Array.from({ length: 12 }, () => service.staff.post(STAFF, createBody({ client }))));
    expect(all.map((res) => res.status).sort()).toEqual([...Array(10).fill(201), 403, 403]);
    const late = all.find((res) => res.status === 403);
    expect([late?.body, late?.headers['x-error-code']]).toEqual([
      { detail: 'Quota exceeded for instances: Requested 1, but already used 10 of 10 instances' },
      'quota_exceeded',
    ]);
  });
  it('403: cores are counted too', async () => {
    const client = await service.seedClient();
    const flavor = await insertFlavor({ vcpus: 21 });
    expect((await service.staff.post(STAFF, createBody({ client, flavor })).expect(403)).body).toEqual({
      detail: 'Quota exceeded for cores: Requested 21, but already used 0 of 20 cores',
    });
  });
  it('201: with an Idempotency-Key five at once are one instance', async () => {
    const client = await service.seedClient();
    const key = randomUUID();
    const ask = () => service.staff.post(STAFF, createBody({ client })).set('Idempotency-Key', key);
    const all = await Promise.all([1, 2, 3, 4, 5].map(() => ask()));
    const made = all.filter((res) => res.status === 201);
    expect(made.length).toBeGreaterThan(0);
    expect(all.every((res) => res.status === 201 || res.status === 409)).toBe(true);
    expect((await ask().expect(201)).body).toEqual(made[0]?.body);
    expect((await service.staff.get(`${STAFF}?filtering=project__service__client__id:${client}`)).body.totalCount).toBe(
      1,
    );
  });
  it('422: an Idempotency-Key that was used for another client, by header or by parameter', async () => {
    const clients = [await service.seedClient(), await service.seedClient(), await service.seedClient()];
    const { as } = await service.seedUser({ username: `of-three-${randomUUID().slice(0, 8)}`, clients });
    const key = randomUUID();
    const body = createBody();
    const ask = (headers: Record<string, string>, query = '') =>
      as.post(`${USER}${query}`, body).set({ 'Idempotency-Key': key, ...headers });
    const first = await ask({ 'X-Client-Id': String(clients[0]) }).expect(201);
    expect((await ask({ 'X-Client-Id': String(clients[0]) }).expect(201)).body).toEqual(first.body);
    for (const other of [ask({ 'X-Client-Id': String(clients[1]) }), ask({}), ask({}, `?client=${clients[2]}`)])
      expect((await other.expect(422)).headers['x-error-code']).toBe('idempotency_mismatch');
    expect(await sql(service.db, 'select count(*)::int n from idempotency_key where key = $1', [key])).toEqual([
      { n: 1 },
    ]);
  });
  it('201, then error: no host has room', async () => {
    const id = await cloud.build({ tags: ['sim:no-capacity'] }, await service.seedClient());
    const { body } = await service.staff.get(`${STAFF}/${id}`).expect(200);
    expect(body).toMatchObject({
      status: 'error',
      task_state: null,
      fault: { code: 'no_capacity', message: 'No valid host was found.' },
      launched_at: null,
    });
    expect((await cloud.act(id, 'reboot').expect(409)).body).toEqual({
      detail: `Instance ${id} is in an invalid state for 'reboot'`,
    });
    expect(await cloud.events(id)).toEqual([]);
    await service.staff.delete(`${STAFF}/${id}`).expect(200);
    await cloud.work();
    await service.staff.get(`${STAFF}/${id}`).expect(404);
    expect(await cloud.events(id)).toEqual([]);
  });
  it('201: an end user creates for the own client, and may not name one', async () => {
    const res = await service.user.post(USER, createBody({ client: service.ownClient })).expect(400);
    expect(res.body).toEqual({ client: ['This field is not allowed.'] });
    const { body } = await service.stranger.post(USER, createBody()).expect(201);
    expect((await cloud.row<{ client_id: number }>((body as { id: string }).id)).client_id).toBe(service.otherClient);
  });
  it('404: an end user acts for no client but the own', async () => {
    await service.user.post(`${USER}?client=${service.otherClient}`, createBody()).expect(404);
  });
});
