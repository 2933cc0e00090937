import { randomUUID } from 'node:crypto';
import { sql } from '@nefos/service-kit';
import { FLAVOR, NETWORK, STAFF, useCloud } from '../cloud-support.js';

const IMPORT = `${STAFF}/import`;
const IMPORTABLE = `${STAFF}/importable`;

describe('machines that are at the hypervisor already', () => {
  const cloud = useCloud();
  const { service } = cloud;
  /** A machine that somebody else made. */
  const foreign = async (more: object = {}): Promise<string> =>
    (
      await service.staff
        .post('/staffapi/openstack/simulator/machines', {
          region: 'Region1',
          name: 'old-server',
          flavor: FLAVOR,
          nics: [NETWORK],
          ...more,
        })
        .expect(201)
    ).body.backend_id as string;
  const take = (backendId: string, more: object = {}) =>
    service.staff.post(IMPORT, { backend_id: backendId, client: service.ownClient, region: 'Region1', ...more });
  const listed = async (): Promise<string[]> =>
    (
      (await service.staff.get(`${IMPORTABLE}?region=Region1&page_size=500`).expect(200)).body.objects as {
        backend_id: string;
      }[]
    ).map((one) => one.backend_id);
  const imported = async (backendId: string) =>
    sql<{ id: string }>(service.db, 'select id from instance where imported_from = $1', [backendId]);
  const quota = async () => {
    const [project] = await sql<{ id: string }>(
      service.db,
      'select p.id from project p join service s on s.id = p.service_id where s.client_id = $1',
      [service.ownClient],
    );
    return (await service.staff.get(`/staffapi/openstack/quotas/${project?.id}`).expect(200)).body;
  };

  it('200: they are listed with what is known of them; machines of instances are not', async () => {
    const id = await cloud.build();
    const one = await foreign();
    const { body } = await service.staff.get(`${IMPORTABLE}?region=Region1`).expect(200);
    expect(body).toMatchObject({ count: 1, totalCount: 1, pageNo: 1, next: null });
    expect(body.objects).toEqual([
      {
        backend_id: one,
        name: 'old-server',
        region: 'Region1',
        power_state: 1,
        vcpus: 1,
        memory_mb: 256,
        root_gb: 1,
        host_name: 'Region1-compute.fleio.org',
        addresses: [expect.stringMatching(/^192\.168\.4\d\.\d+$/)],
      },
    ]);
    expect(JSON.stringify(body)).not.toContain(id);
    const second = await foreign();
    const page = (await service.staff.get(`${IMPORTABLE}?region=Region1&page_size=1&page=2`).expect(200)).body;
    expect([page.totalCount, page.objects.length, page.pageNo]).toEqual([2, 1, 2]);
    await service.staff.get(`${IMPORTABLE}?region=Region1&page=3&page_size=1`).expect(404);
    for (const backendId of [one, second])
      await sql(service.db, 'delete from sim_machine where backend_id = $1', [backendId]);
  });
  it('400: without a region, or with one that is not there', async () => {
    expect((await service.staff.get(IMPORTABLE).expect(400)).body).toEqual({ region: ['This field is required.'] });
    await service.staff.get(`${IMPORTABLE}?region=Nowhere`).expect(400);
  });
  it('201: the machine is an instance in its state, in the quota, and metered from now on', async () => {
    const before = await quota();
    const backendId = await foreign({ name: 'legacy-db' });
    const res = await take(backendId).expect(201);
    const { id } = res.body as { id: string };
    expect(res.body).toEqual({ detail: 'Instance is being imported', id, uuid: id });
    expect(res.headers.location).toContain(`/staffapi/operations/${res.headers['x-operation-id']}`);
    expect((await quota()).instances).toMatchObject({ reserved: before.instances.reserved + 1 });
    expect((await service.staff.get(`${STAFF}/${id}`).expect(200)).body.status).toBe('building');
    await cloud.work();
    const { body } = await service.staff.get(`${STAFF}/${id}`).expect(200);
    expect(body).toMatchObject({
      name: 'legacy-db',
      status: 'active',
      task_state: null,
      power_state: 1,
      image: null,
      flavor: { id: FLAVOR },
      client: { id: service.ownClient },
      access_ip: expect.stringMatching(/^192\.168\./),
      host_name: 'Region1-compute.fleio.org',
      fault: null,
    });
    expect((await quota()).instances).toMatchObject({ in_use: before.instances.in_use + 1 });
    expect((await cloud.events(id)).map(({ type }) => type)).toEqual(['instance.power_on']);
    expect(await listed()).not.toContain(backendId);
    await cloud.act(id, 'stop').expect(200);
    await cloud.work();
    await cloud.act(id, 'start').expect(200);
    await cloud.work();
    expect((await cloud.row(id)).vm_state).toBe('active');
    await service.staff.delete(`${STAFF}/${id}`).expect(200);
    await cloud.work();
    expect(await sql(service.db, 'select 1 from sim_machine where backend_id = $1', [backendId])).toEqual([]);
    expect((await cloud.events(id)).map(({ type }) => type).at(-1)).toBe('instance.deleted');
  });
  it.each([
    [4, 'stopped', 4],
    [3, 'paused', 3],
    [6, 'stopped', 6],
    [7, 'suspended', 4],
  ])('201: a machine in power state %p becomes %s, and can be started', async (power, state, shown) => {
    const backendId = await foreign();
    await sql(
      service.db,
      'update sim_machine set power_state = $2, target_state = null, task = null, changes_at = null where backend_id = $1',
      [backendId, power],
    );
    const { id } = (await take(backendId, { name: 'named' }).expect(201)).body as { id: string };
    await cloud.work();
    expect(await cloud.row(id)).toMatchObject({ vm_state: state, task_state: null, power_state: shown, name: 'named' });
    // A paused guest counts as running for metering.
    expect(await cloud.events(id)).toHaveLength(state === 'paused' ? 1 : 0);
    await cloud.act(id, state === 'stopped' ? 'start' : 'resume').expect(200);
    await cloud.work();
    expect((await cloud.row(id)).vm_state).toBe('active');
    await service.staff.delete(`${STAFF}/${id}`).expect(200);
    await cloud.work();
  });
  it('201: repeated, before and after its end, it is the same instance; eight at once are one', async () => {
    const backendId = await foreign();
    const all = await Promise.all(Array.from({ length: 8 }, () => take(backendId)));
    expect(all.map(({ status }) => status)).toEqual(Array<number>(8).fill(201));
    expect(new Set(all.map(({ body }) => (body as { id: string }).id)).size).toBe(1);
    await cloud.work();
    const again = await take(backendId).expect(201);
    expect(again.body).toEqual(all[0]?.body);
    expect(await imported(backendId)).toHaveLength(1);
    expect(await sql(service.db, `select 1 from operation where instance_id = $1`, [again.body.id])).toHaveLength(1);
    await take(backendId, { client: service.otherClient }).expect(409);
  });
  it('201: a repetition with an Idempotency-Key gets the first answer', async () => {
    const backendId = await foreign();
    const key = randomUUID();
    const first = await take(backendId).set('Idempotency-Key', key).expect(201);
    const second = await take(backendId).set('Idempotency-Key', key).expect(201);
    expect(second.text).toBe(first.text);
    await cloud.work();
  });
  it('201: the last room of a quota goes to one of two machines', async () => {
    const client = await service.seedClient();
    const [project] = await sql<{ id: string }>(
      service.db,
      'select p.id from project p join service s on s.id = p.service_id where s.client_id = $1',
      [client],
    );
    await service.staff.patch(`/staffapi/openstack/quotas/${project?.id}`, { instances: 1 }).expect(200);
    const machines = [await foreign(), await foreign()];
    const both = await Promise.all(machines.map((one) => take(one, { client })));
    expect(both.map(({ status }) => status).sort()).toEqual([201, 403]);
    await cloud.work();
  });
  it('400: what the body names is not there, or does not fit; nothing changes', async () => {
    const backendId = await foreign();
    const refused = async (more: object) => (await take(backendId, more).expect(400)).body;
    expect(await refused({ backend_id: 'nothing' })).toEqual({
      backend_id: ['Invalid pk "nothing" - object does not exist.'],
    });
    await refused({ backend_id: randomUUID() });
    await refused({ region: 'Nowhere' });
    await refused({ client: 999 });
    await refused({ flavor: randomUUID() });
    await refused({ flavor: 'x' });
    await refused({ name: 'x'.repeat(256) });
    expect(await refused({ client: await service.seedClient({ service: false }) })).toEqual({
      client: ['Client has no active OpenStack service.'],
    });
    await sql(service.db, 'update sim_machine set memory_mb = 300 where backend_id = $1', [backendId]);
    expect(await refused({})).toEqual({
      flavor: ['The region has no flavor of 1 vCPU and 300 MB. Name the one that the machine is to have.'],
    });
    expect(await imported(backendId)).toEqual([]);
    expect(await listed()).toContain(backendId);
    await take(backendId, { flavor: FLAVOR }).expect(201);
    await cloud.work();
  });
  it('403: end users import nothing', async () => {
    await service.user.post(IMPORT, {}).expect(403);
    await service.user.get(IMPORTABLE).expect(403);
    await service.user.get('/api/openstack/instances/importable?region=Region1').expect(404);
  });
  it('409, 503: a driver that can not, one that does not answer', async () => {
    const { drivers } = service.ctx;
    const driver = drivers.of('Region1');
    const away = () => Promise.reject(Object.assign(new Error('x'), { name: 'DriverError', code: 'UNAVAILABLE' }));
    service.ctx.drivers = { ...drivers, of: () => ({ ...driver, listForeign: away, getForeign: away }) };
    await service.staff.get(`${IMPORTABLE}?region=Region1`).expect(503);
    await take(randomUUID()).expect(503);
    const actions = new Set([...driver.capabilities.actions].filter((one) => one !== 'adopt'));
    const capabilities = { ...driver.capabilities, actions };
    service.ctx.drivers = { ...drivers, of: () => ({ ...driver, capabilities }) };
    expect((await take(randomUUID()).expect(409)).body).toEqual({ detail: 'import is not supported in this region.' });
    await service.staff.get(`${IMPORTABLE}?region=Region1`).expect(409);
    service.ctx.drivers = drivers;
  });

  describe('whatever happens in between', () => {
    it('the machine goes away before it is adopted: error; the import can be repeated when it is back', async () => {
      const backendId = await foreign();
      const { body, headers } = await take(backendId).expect(201);
      await sql(service.db, `update sim_machine set region = 'Away' where backend_id = $1`, [backendId]);
      await cloud.work();
      expect(await cloud.row(body.id as string)).toMatchObject({ vm_state: 'error', task_state: null });
      await sql(service.db, `update sim_machine set region = 'Region1' where backend_id = $1`, [backendId]);
      await service.sweep('instances.power');
      expect(await listed()).toContain(backendId);
      await service.staff.post(`/staffapi/operations/${headers['x-operation-id']}/retry`).expect(200);
      await cloud.work();
      expect(await cloud.row(body.id as string)).toMatchObject({ vm_state: 'active', power_state: 1 });
    });
    it('an import that failed for good leaves the machine alone, whatever the sweeps do', async () => {
      const backendId = await foreign();
      const { body } = await take(backendId).expect(201);
      const { drivers } = service.ctx;
      const driver = drivers.of('Region1');
      // The machine has our id, and the answer is lost for good.
      service.ctx.drivers = {
        ...drivers,
        of: () => ({
          ...driver,
          adopt: async (ref) => {
            await driver.adopt?.(ref);
            throw Object.assign(new Error('lost'), { name: 'DriverError', code: 'INTERNAL', retryable: false });
          },
        }),
      };
      await cloud.work();
      service.ctx.drivers = drivers;
      expect(await cloud.row(body.id as string)).toMatchObject({ vm_state: 'error', task_state: null });
      await service.sweep('instances.power');
      await cloud.work();
      expect(await sql(service.db, 'select 1 from sim_machine where backend_id = $1', [backendId])).toHaveLength(1);
    });
    it('the instance of an import that failed can be deleted; the machine stays, and can be imported again', async () => {
      const backendId = await foreign();
      const { body } = await take(backendId).expect(201);
      await sql(service.db, `update sim_machine set region = 'Away' where backend_id = $1`, [backendId]);
      await cloud.work();
      await sql(service.db, `update sim_machine set region = 'Region1' where backend_id = $1`, [backendId]);
      await service.staff.delete(`${STAFF}/${body.id}`).expect(200);
      await cloud.work();
      await service.staff.get(`${STAFF}/${body.id}`).expect(404);
      await sql(service.db, `update instance set terminated_at = now() - interval '2 minutes' where id = $1`, [
        body.id,
      ]);
      await service.sweep('instances.power');
      expect(await listed()).toContain(backendId);
      const again = await take(backendId).expect(201);
      expect(again.body.id).not.toBe(body.id);
      await cloud.work();
      expect((await cloud.row(again.body.id as string)).vm_state).toBe('active');
    });
    it('an import that has not begun can be canceled; the machine stays', async () => {
      const backendId = await foreign();
      const { body, headers } = await take(backendId).expect(201);
      await service.staff.post(`/staffapi/operations/${headers['x-operation-id']}/cancel`).expect(200);
      await cloud.work();
      await service.sweep('instances.power');
      expect((await cloud.row(body.id as string)).vm_state).toBe('error');
      expect(await listed()).toContain(backendId);
    });
    it('the process dies after the machine has our id: the next job ends the import', async () => {
      const backendId = await foreign();
      const { body } = await take(backendId).expect(201);
      await service.ctx.drivers.of('Region1').adopt?.({ portalId: body.id as string, backendId });
      await cloud.work();
      expect(await cloud.row(body.id as string)).toMatchObject({ vm_state: 'active', task_state: null });
      expect(await cloud.events(body.id as string)).toHaveLength(1);
    });
    it('the job is lost: the sweep gives the import another one', async () => {
      const { body } = await take(await foreign()).expect(201);
      await sql(service.db, 'delete from graphile_worker._private_jobs');
      await sql(service.db, 'update operation set next_check_at = now() where instance_id = $1', [body.id]);
      await service.sweep('instances.stuck');
      await cloud.work();
      expect((await cloud.row(body.id as string)).vm_state).toBe('active');
    });
    it('the sweep of power states destroys no machine that is not known', async () => {
      const unknown = randomUUID();
      const driver = service.ctx.drivers.of('Region1');
      const backendId = await foreign();
      await driver.adopt?.({ portalId: unknown, backendId });
      const untouched = await foreign();
      await service.sweep('instances.power');
      expect(await driver.get({ portalId: unknown, backendId: null })).toMatchObject({ powerState: 1 });
      expect(await listed()).toContain(untouched);
    });
  });
});
