import { randomUUID } from 'node:crypto';
import { sql } from '@nefos/service-kit';
import { FLAVOR, NETWORK, STAFF, useCloud, USER } from '../cloud-support.js';

describe('resizes, migrations and moves', () => {
  const cloud = useCloud();
  const { service } = cloud;
  const LARGE = randomUUID();
  const SCARCE = randomUUID();
  beforeAll(async () => {
    const add = (id: string, name: string, more: Record<string, unknown> = {}) =>
      sql(
        service.db,
        `insert into flavor (id, region_id, name, vcpus, memory_mb, root_gb, is_public, disabled, stock_limit)
        values ($1, 'Region1', $2, $3, $4, $5, $6, $7, $8)`,
        [
          id,
          name,
          more.vcpus ?? 2,
          more.memoryMb ?? 512,
          more.rootGb ?? 2,
          more.isPublic ?? true,
          more.disabled ?? false,
          more.stock ?? null,
        ],
      );
    await add(LARGE, 'm1.large', { vcpus: 2 });
    await add(SCARCE, 'm1.scarce', { stock: 1 });
  });
  const state = async (id: string) => {
    const { vm_state: vm, task_state: task, power_state: power } = await cloud.row(id);
    return [vm, task, power];
  };
  const flavorOf = async (id: string) =>
    ((await service.staff.get(`${STAFF}/${id}`).expect(200)).body as { flavor: { id: string } }).flavor.id;
  const sizes = async (id: string) =>
    (
      await sql<{ type: string; vcpu: number }>(
        service.db,
        `select payload ->> 'type' "type", (payload #>> '{instance,vcpu}')::int vcpu from outbox
        where aggregate = $1 order by id`,
        [`instance:${id}`],
      )
    ).map(({ type, vcpu }) => `${type.replace('instance.', '')} ${vcpu}`);
  const usage = async (client: number) =>
    (
      await sql<{ cores: number }>(
        service.db,
        `select sum(greatest(f.vcpus, o.vcpus))::int cores from instance i join flavor f on f.id = i.flavor_id
          left join flavor o on o.id = i.other_flavor_id where i.client_id = $1`,
        [client],
      )
    )[0]?.cores;
  const fresh = async (more?: object) => cloud.build(more, await service.seedClient());
  const act = async (id: string, action: string, body?: object) => {
    const res = await cloud.act(id, action, body).expect(200);
    expect(res.headers['x-operation-id']).toBe((await cloud.row(id)).operation_id);
    await cloud.work();
    return res.body as object;
  };

  it('reset-state: a resized instance stays so, with both sizes reserved, also by way of error', async () => {
    const id = await fresh();
    const { client_id: client } = await cloud.row<{ client_id: number }>(id);
    await act(id, 'resize', { flavor: LARGE });
    expect(await state(id)).toEqual(['resized', null, 1]);
    const held = await usage(client);
    await cloud.act(id, 'reset-state', { state: 'error' }).expect(200);
    expect(await state(id)).toEqual(['error', null, 1]);
    expect(await usage(client)).toBe(held);
    await cloud.act(id, 'reset-state', { state: 'active' }).expect(200);
    expect(await state(id)).toEqual(['resized', null, 1]);
    expect(await usage(client)).toBe(held);
    await cloud.act(id, 'reset-state', { state: 'active' }).expect(200);
    expect(await state(id)).toEqual(['resized', null, 1]);
    await act(id, 'revert-resize');
    expect(await state(id)).toEqual(['active', null, 1]);
    expect(await flavorOf(id)).toBe(FLAVOR);
    expect(await usage(client)).toBe(1);
  });
  it('200: resized, reverted, resized, confirmed; the fact is told when the size takes effect', async () => {
    const client = await service.seedClient();
    const id = await cloud.build({}, client);
    expect(await act(id, 'resize', { flavor: LARGE })).toEqual({ detail: 'Instance is resizing' });
    expect([await state(id), await flavorOf(id), await usage(client)]).toEqual([['resized', null, 1], LARGE, 2]);
    expect(await act(id, 'revert-resize')).toEqual({ detail: 'Resize is being reverted' });
    expect([await state(id), await flavorOf(id), await usage(client)]).toEqual([['active', null, 1], FLAVOR, 1]);
    await act(id, 'resize', { flavor: LARGE });
    expect(await act(id, 'confirm_resize')).toEqual({ detail: 'Resize is being confirmed' });
    expect([await state(id), await flavorOf(id), await usage(client)]).toEqual([['active', null, 1], LARGE, 2]);
    expect(await sizes(id)).toEqual(['power_on 1', ...['2', '1', '2'].map((n) => `attribute_change ${n}`)]);
    expect(
      await sql(service.db, 'select vcpus, memory_mb, root_gb, former from sim_machine where portal_id = $1', [id]),
    ).toEqual([{ vcpus: 2, memory_mb: 512, root_gb: 2, former: null }]);
  });
  it('a stopped instance is resized and stopped afterwards; metering hears of it when it starts', async () => {
    const id = await fresh();
    await act(id, 'stop');
    await act(id, 'resize', { flavor: LARGE });
    expect(await state(id)).toEqual(['resized', null, 4]);
    await act(id, 'confirm-resize');
    expect(await state(id)).toEqual(['stopped', null, 4]);
    await act(id, 'start');
    expect(await sizes(id)).toEqual(['power_on 1', 'power_off 1', 'power_on 2']);
  });
  it('400: the flavors that it can not be given, each in its words', async () => {
    const id = await fresh();
    const [hidden, off, small] = [randomUUID(), randomUUID(), randomUUID()];
    for (const [one, name, isPublic, disabled, root] of [
      [hidden, 'hidden', false, false, 2],
      [off, 'off', true, true, 2],
      [small, 'small', true, false, 0],
    ])
      await sql(
        service.db,
        `insert into flavor (id, region_id, name, vcpus, memory_mb, root_gb, is_public, disabled)
        values ($1, 'Region1', $2, 1, 256, $5, $3, $4)`,
        [one, name, isPublic, disabled, root],
      );
    for (const flavor of [randomUUID(), hidden, off])
      expect((await cloud.act(id, 'resize', { flavor }).expect(400)).body).toEqual({
        flavor: [`Invalid pk "${flavor}" - object does not exist.`],
      });
    expect((await cloud.act(id, 'resize', { flavor: FLAVOR }).expect(400)).body).toEqual({
      flavor: ['When resizing, instances must change flavor!'],
    });
    expect((await cloud.act(id, 'resize', { flavor: small }).expect(400)).body).toEqual({
      flavor: ['Resize to a smaller root disk is not supported.'],
    });
    expect((await cloud.act(id, 'resize', {}).expect(400)).body).toEqual({ flavor: ['This field is required.'] });
    expect(await state(id)).toEqual(['active', null, 1]);
  });
  it('the last one in stock goes to one of two, and counts while it may be reverted', async () => {
    const [a, b] = [await fresh(), await fresh()];
    const answers = await Promise.all([a, b].map((id) => cloud.act(id, 'resize', { flavor: SCARCE })));
    expect(answers.map((res) => res.status).sort()).toEqual([200, 400]);
    const refused = answers.find((res) => res.status === 400);
    expect([refused?.body, refused?.headers['x-error-code']]).toEqual([
      { flavor: ['This flavor is out of stock.'] },
      'out_of_stock',
    ]);
    await cloud.work();
    const winner = answers[0]?.status === 200 ? a : b;
    await act(winner, 'revert-resize');
    await act(winner === a ? b : a, 'resize', { flavor: SCARCE });
  });
  it('403: quota is asked for what it grows by, and kept while it may be reverted', async () => {
    const client = await service.seedClient();
    const huge = randomUUID();
    await sql(
      service.db,
      `insert into flavor (id, region_id, name, vcpus, memory_mb, root_gb) values ($1, 'Region1', 'huge', 20, 512, 2)`,
      [huge],
    );
    const [one, other] = [await cloud.build({}, client), await cloud.build({}, client)];
    const res = await cloud.act(one, 'resize', { flavor: huge }).expect(403);
    expect([res.body, res.headers['x-error-code']]).toEqual([
      { detail: 'Quota exceeded for cores: Requested 19, but already used 2 of 20 cores' },
      'quota_exceeded',
    ]);
    await service.staff.delete(`${STAFF}/${other}`).expect(200);
    await cloud.work();
    await act(one, 'resize', { flavor: huge });
    await service.staff.post(STAFF, { ...create(client), flavor: FLAVOR }).expect(403);
    await act(one, 'revert-resize');
    await service.staff.post(STAFF, { ...create(client), flavor: FLAVOR }).expect(201);
  });
  it("409: states in Nova's words; 403 while the client is suspended, before a lock", async () => {
    const client = await service.seedClient();
    const { as: own } = await service.seedUser({ username: 'resizer', clients: [client] });
    const id = await cloud.build({}, client);
    for (const [action, word] of [
      ['confirm-resize', 'confirmResize'],
      ['revert-resize', 'revertResize'],
      ['unrescue', 'unrescue'],
      ['unshelve', 'unshelve'],
    ])
      expect((await cloud.act(id, action as string).expect(409)).body).toEqual({
        detail: `Cannot '${word}' instance ${id} while it is in vm_state active`,
      });
    const abort = await cloud.act(id, 'abort-migrate').expect(409);
    expect([abort.body, abort.headers['x-error-code']]).toEqual([
      { detail: `Cannot 'abort live migration' instance ${id} while it is in task_state None` },
      'invalid_state',
    ]);
    await cloud.act(id, 'lock').expect(200);
    await own.post(`${USER}/${id}/resize`, { flavor: LARGE }).expect(409, { detail: `Instance ${id} is locked` });
    await sql(service.db, `update client set hold = 'suspended' where id = $1`, [client]);
    await own.post(`${USER}/${id}/resize`, { flavor: LARGE }).expect(403, { detail: 'Client is suspended.' });
    await cloud.act(id, 'resize', { flavor: LARGE }).expect(403, { detail: 'Client is suspended.' });
  });
  it('a resize that fails leaves the instance, its size and its quota as they were', async () => {
    const client = await service.seedClient();
    const id = await cloud.build({ name: 'vm sim:fail=resize' }, client);
    await cloud.act(id, 'resize', { flavor: LARGE }).expect(200);
    await cloud.work();
    expect([await state(id), await flavorOf(id), await usage(client)]).toEqual([['active', null, 1], FLAVOR, 1]);
    const [failed] = (await service.staff.get(`${STAFF}/${id}/history`)).body.objects as { id: string }[];
    expect(failed).toMatchObject({ type: 'instance.resize', status: 'failed', error: { code: 'internal' } });
    await service.staff
      .post(`/staffapi/operations/${failed?.id}/retry`)
      .expect(409, { detail: 'This operation can not be retried: ask for the action anew.' });
    expect(await sizes(id)).toEqual(['power_on 1']);
  });
  it('a resize that fails once is tried again', async () => {
    const id = await fresh({ name: 'vm sim:fail=resize@1' });
    await cloud.act(id, 'resize', { flavor: LARGE }).expect(200);
    await cloud.work();
    expect(await state(id)).toEqual(['active', 'resize_migrating', 1]);
    await sql(service.db, 'update graphile_worker._private_jobs set run_at = now()');
    await cloud.work();
    expect([await state(id), await flavorOf(id)]).toEqual([['resized', null, 1], LARGE]);
  });
  it('a resize whose time is over is completed when the machine has it, and an error while it goes on', async () => {
    for (const reached of [true, false]) {
      const id = await fresh();
      await sql(service.db, `update sim_machine set name = 'vm sim:delay_ms=600000' where portal_id = $1`, [id]);
      await cloud.act(id, 'resize', { flavor: LARGE }).expect(200);
      await cloud.work();
      await sql(service.db, `update operation set deadline_at = now() where instance_id = $1 and status = 'running'`, [
        id,
      ]);
      if (reached) await sql(service.db, 'update sim_machine set changes_at = now() where portal_id = $1', [id]);
      await sql(service.db, 'update graphile_worker._private_jobs set run_at = now()');
      await cloud.work();
      expect([reached, (await state(id))[0], await flavorOf(id)]).toEqual([
        reached,
        reached ? 'resized' : 'error',
        reached ? LARGE : FLAVOR,
      ]);
    }
  });
  it('a confirm that fails leaves the resize to be confirmed or reverted', async () => {
    const id = await fresh({ name: 'vm sim:fail=confirm' });
    await act(id, 'resize', { flavor: LARGE });
    await cloud.act(id, 'confirm-resize').expect(200);
    await cloud.work();
    expect(await state(id)).toEqual(['resized', null, 1]);
    await act(id, 'revert-resize');
    expect(await state(id)).toEqual(['active', null, 1]);
  });
  it("a suspended client's resized instance is confirmed and stopped, and starts again afterwards", async () => {
    const client = await service.seedClient();
    const id = await cloud.build({}, client);
    await act(id, 'resize', { flavor: LARGE });
    await service.staff.post(`/staffapi/clients/${client}/suspend`).expect(200);
    await cloud.work();
    expect([await state(id), await flavorOf(id)]).toEqual([['stopped', null, 4], LARGE]);
    await service.staff.post(`/staffapi/clients/${client}/resume`).expect(200);
    await cloud.work();
    expect(await state(id)).toEqual(['active', null, 1]);
  });

  const hostOf = async (id: string) => (await cloud.row<{ host_name: string | null }>(id)).host_name;
  it("migrations: cold to be confirmed or reverted, live at once; the host of an end user is nobody's to see", async () => {
    const client = await service.seedClient();
    const { as: own } = await service.seedUser({ username: 'migrated', clients: [client] });
    const id = await cloud.build({}, client);
    const home = await hostOf(id);
    expect(await act(id, 'migrate', {})).toEqual({ detail: 'Instance is migrating' });
    expect(await state(id)).toEqual(['resized', null, 1]);
    expect(await hostOf(id)).not.toBe(home);
    await act(id, 'revert-resize');
    expect([await state(id), await hostOf(id)]).toEqual([['active', null, 1], home]);
    await act(id, 'migrate', { live: true, host: 'Region1-compute-3.fleio.org', block_migration: 'auto' });
    expect([await state(id), await hostOf(id)]).toEqual([['active', null, 1], 'Region1-compute-3.fleio.org']);
    await act(id, 'pause');
    await act(id, 'migrate', { live: true });
    expect((await state(id))[0]).toBe('paused');
    expect(await sizes(id)).toEqual(['power_on 1']);
    expect((await own.get(`${USER}/${id}/history`).expect(200)).text).not.toContain('compute-3');
    await own.post(`${USER}/${id}/migrate`, { live: true }).expect(403);
  });
  it('a live migration is aborted: the instance stays where it is, the migration is canceled', async () => {
    const id = await fresh({ name: 'vm sim:delay_ms=600000' });
    await sql(service.db, 'update sim_machine set changes_at = now() where portal_id = $1', [id]);
    await sql(service.db, 'update graphile_worker._private_jobs set run_at = now()');
    await cloud.work();
    const home = await hostOf(id);
    const migration = await cloud.act(id, 'migrate', { live: true }).expect(200);
    await cloud.work();
    expect(await state(id)).toEqual(['active', 'migrating', 1]);
    expect((await service.staff.get(`${STAFF}/${id}`)).body.allowed_actions).toContain('abort_migrate');
    expect(await act(id, 'abort_migrate')).toEqual({ detail: 'Migration is being aborted' });
    expect([await state(id), await hostOf(id)]).toEqual([['active', null, 1], home]);
    expect((await service.staff.get(`/staffapi/operations/${migration.headers['x-operation-id']}`)).body).toMatchObject(
      { status: 'canceled' },
    );
  });
  it('an abort that comes too late fails, and the instance has its new host', async () => {
    const id = await fresh({ name: 'vm sim:delay_ms=600000' });
    const settle = async () => {
      await sql(service.db, 'update sim_machine set changes_at = now() where portal_id = $1', [id]);
      await sql(service.db, 'update graphile_worker._private_jobs set run_at = now()');
    };
    await settle();
    await cloud.work();
    const home = await hostOf(id);
    await cloud.act(id, 'migrate', { live: true }).expect(200);
    await cloud.work();
    const abort = await cloud.act(id, 'abort-migrate').expect(200);
    await settle();
    await cloud.work();
    expect((await service.staff.get(`/staffapi/operations/${abort.headers['x-operation-id']}`)).body).toMatchObject({
      status: 'failed',
      error: { code: 'invalid_state', message: 'The machine was on its new host already.' },
    });
    expect(await state(id)).toEqual(['active', null, 1]);
    expect(await hostOf(id)).not.toBe(home);
  });
  it('a migration to a host that there is not, or that it is on, fails and changes nothing', async () => {
    const id = await fresh();
    const home = await hostOf(id);
    for (const host of ['nowhere', home]) {
      await cloud.act(id, 'migrate', { live: true, host }).expect(200);
      await cloud.work();
      expect([await state(id), await hostOf(id)]).toEqual([['active', null, 1], home]);
      expect((await service.staff.get(`${STAFF}/${id}/history`)).body.objects[0]).toMatchObject({ status: 'failed' });
    }
  });

  it('200: moved to another client at once: seen, counted and metered there, and nowhere else', async () => {
    const [from, to] = [await service.seedClient(), await service.seedClient()];
    const { as: old } = await service.seedUser({ username: 'giver', clients: [from] });
    const { as: next } = await service.seedUser({ username: 'taker', clients: [to] });
    const id = await cloud.build({ name: 'vm sim:fail=stop' }, from);
    await old.post(`${USER}/${id}/stop`).expect(200);
    await cloud.work();
    const [{ id: failed } = { id: '' }] = (await old.get(`${USER}/${id}/history`)).body.objects as { id: string }[];
    const res = await cloud.act(id, 'move', { client: to }).expect(200);
    expect(res.body).toEqual({ detail: 'Instance is being moved' });
    expect(
      (await service.staff.get(`/staffapi/operations/${res.headers['x-operation-id']}`).expect(200)).body,
    ).toMatchObject({ type: 'instance.move', status: 'completed', progress: 100 });
    await old.get(`${USER}/${id}`).expect(404);
    expect((await next.get(`${USER}/${id}`).expect(200)).body).toMatchObject({ client: { id: to } });
    const history = (await next.get(`${USER}/${id}/history`).expect(200)).body.objects as { type: string }[];
    expect(history.map((one) => one.type)).toEqual(['instance.move']);
    expect(JSON.stringify(history)).not.toContain(String(from));
    await old.post(`/api/operations/${failed}/retry`).expect(404);
    const events = await sql<{ type: string; account: string; metered: string }>(
      service.db,
      `select payload ->> 'type' "type", payload #>> '{account,number}' account, payload #>> '{instance,id}' metered
      from outbox where aggregate = $1 order by id`,
      [`instance:${id}`],
    );
    expect(events.map((one) => [one.type, one.account])).toEqual([
      ['instance.power_on', String(from)],
      ['instance.deleted', String(from)],
      ['instance.power_on', String(to)],
    ]);
    expect(new Set(events.map((one) => one.metered)).size).toBe(2);
    await service.staff.delete(`${STAFF}/${id}`).expect(200);
    await cloud.work();
    expect((await cloud.events(id)).map((one) => one.sequence)).toEqual([1, 2, 1, 2]);
  });
  it('400: clients that can not take it', async () => {
    const from = await service.seedClient();
    const id = await cloud.build({}, from);
    const refused = async (client: number) => (await cloud.act(id, 'move', { client }).expect(400)).body as object;
    expect(await refused(from)).toEqual({ client: ["The instance is this client's already."] });
    expect(await refused(1)).toEqual({ client: ['Invalid pk "1" - object does not exist.'] });
    expect(await refused(await service.seedClient({ service: false }))).toEqual({
      client: ['Client has no active OpenStack service.'],
    });
    const held = await service.seedClient();
    await sql(service.db, `update client set hold = 'suspended' where id = $1`, [held]);
    expect(await refused(held)).toEqual({ client: ['Client is suspended.'] });
    const own = randomUUID();
    const [project] = await sql<{ project_id: string }>(service.db, 'select project_id from instance where id = $1', [
      id,
    ]);
    await sql(service.db, `insert into network (id, region_id, project_id, name) values ($1, 'Region1', $2, 'own')`, [
      own,
      project?.project_id,
    ]);
    await sql(service.db, 'update instance set networks = $2 where id = $1', [id, [NETWORK, own]]);
    expect(await refused(await service.seedClient())).toEqual({
      client: ['The instance is on a network of its present client.'],
    });
  });
  const create = (client: number) => ({
    region: 'Region1',
    client,
    name: 'one more',
    flavor: FLAVOR,
    nics: [NETWORK],
    boot_source: { source_type: 'image', source_id: 'b8e54aa5-eca9-454a-adaf-00fbc659755e' },
  });
});
