import { sql } from '@nefos/service-kit';
import type { MeteringEvent } from '@nefos/contracts';
import {
  countLiveOfClient,
  deleteAllOfClient,
  startRememberedOfClient,
  stopAllOfClient,
} from '../../src/instances/domain/client-instances.js';
import { fakeMetering } from '../../src/ports/metering.js';
import { startMeteringRelay } from '../../src/start-cloud.js';
import { createBody, STAFF, useCloud, USER } from '../cloud-support.js';
import type { As } from '../support.js';

describe('instances and their clients', () => {
  const cloud = useCloud();
  const { service } = cloud;
  const states = (ids: readonly string[]) =>
    Promise.all(
      ids.map(async (id) => {
        const { vm_state: vm, task_state: task } = await cloud.row(id);
        return task ?? vm;
      }),
    );
  const hold = (client: number, state: string | null) =>
    service.db.transaction(async (tx) => {
      await sql(tx, 'update client set hold = $2 where id = $1', [client, state]);
      if (state === 'suspended') await stopAllOfClient(tx, client);
      if (state === null) await startRememberedOfClient(tx, client);
      if (state === 'deleting') await deleteAllOfClient(tx, client);
    });

  it("404: a stranger's instance is absent in every way, and no filter reaches it", async () => {
    const id = await cloud.build();
    for (const as of [service.stranger]) {
      for (const [method, path, body] of [
        ['get', id],
        ['get', `${id}/history`],
        ['get', `${id}/console_log`],
        ['delete', id],
        ['patch', id, { name: 'x' }],
        ...[
          'stop',
          'start',
          'reboot',
          'suspend',
          'lock',
          'unlock',
          'rename',
          'resize',
          'migrate',
          'reset-state',
          'console',
        ].map((action) => ['post', `${id}/${action}`, { name: 'x', state: 'error', flavor: id }]),
      ] as [keyof As, string, object?][]) {
        expect([path, (await as[method](`${USER}/${path}`, body)).status]).toEqual([path, 404]);
      }
      for (const query of [
        `filtering=id:${id}`,
        `filtering=project__service__client__id:${service.ownClient}`,
        `client=${service.ownClient}`,
      ])
        expect((await as.get(`${USER}?${query}`).expect(200)).body).toMatchObject({ totalCount: 0, objects: [] });
    }
    const { operation_id: operation } = await cloud.row(id);
    await service.stranger.get(`/api/operations/${operation}`).expect(404);
    await service.stranger.post(`/api/operations/${operation}/cancel`).expect(404);
    expect((await service.stranger.get('/api/operations').expect(200)).body.totalCount).toBe(0);
    expect((await cloud.row(id)).vm_state).toBe('active');
  });
  it("200: the own instance on /api: the same keys, no host, none of the staff's actions", async () => {
    const id = await cloud.build();
    const [mine, theirs] = [
      await service.user.get(`${USER}/${id}`).expect(200),
      await service.staff.get(`${STAFF}/${id}`).expect(200),
    ];
    expect(Object.keys(mine.body)).toEqual(Object.keys(theirs.body));
    expect(mine.body).toMatchObject({ host_name: null, hostId: theirs.body.hostId, client: { id: service.ownClient } });
    expect(mine.body.allowed_actions).toEqual(
      theirs.body.allowed_actions.filter((one: string) => !['migrate', 'abort_migrate', 'move'].includes(one)),
    );
    const { permissions } = (await service.user.get(USER).expect(200)).body;
    expect(
      Object.entries(permissions)
        .filter(([, may]) => !may)
        .map(([name]) => name)
        .sort(),
    ).toEqual(['instances.abort-migrate', 'instances.migrate', 'instances.move', 'instances.reset-state']);
  });
  it('200: what clouds offer is listed for both; an end user sees no other project', async () => {
    for (const path of ['regions', 'flavors', 'flavorgroups', 'images', 'networks'])
      for (const [as, root] of [
        [service.staff, 'staffapi'],
        [service.user, 'api'],
      ] as const) {
        const { body } = await as.get(`/${root}/openstack/${path}`).expect(200);
        expect(body.totalCount).toBe(1);
        expect((await as.get(`/${root}/openstack/${path}/${body.objects[0].id}`).expect(200)).body).toEqual(
          body.objects[0],
        );
        await as.get(`/${root}/openstack/${path}/none`).expect(404);
      }
    await sql(
      service.db,
      `insert into network (id, region_id, name, project_id) values (gen_random_uuid(), 'Region1', 'theirs', $1)`,
      ['f'.repeat(32)],
    );
    expect((await service.user.get('/api/openstack/networks')).body.totalCount).toBe(1);
    expect((await service.staff.get('/staffapi/openstack/networks')).body.totalCount).toBe(2);
    expect((await service.staff.get(`/staffapi/openstack/networks?client=${service.ownClient}`)).body.totalCount).toBe(
      1,
    );
    expect(Object.keys((await service.user.get('/api/openstack/flavors')).body.objects[0])).not.toContain(
      'project_ids',
    );
  });
  it('a suspended client: what runs stops, what is on its way stops on arrival, what was stopped stays; afterwards the first two run again', async () => {
    const client = await service.seedClient();
    const { as: own } = await service.seedUser({ username: 'held', clients: [client] });
    const [runs, off, asleep] = [
      await cloud.build({}, client),
      await cloud.build({}, client),
      await cloud.build({}, client),
    ];
    await cloud.act(off, 'stop');
    await cloud.act(asleep, 'suspend');
    await cloud.work();
    const { id: coming } = await cloud.ask({}, client);
    await hold(client, 'suspended');
    expect(await states([runs, off, asleep, coming])).toEqual(['powering-off', 'stopped', 'suspended', 'scheduling']);
    await cloud.work();
    expect(await states([runs, off, asleep, coming])).toEqual(['stopped', 'stopped', 'suspended', 'stopped']);
    for (const refused of [
      own.post(`${USER}/${runs}/start`),
      own.post(`${USER}/${runs}/lock`),
      own.patch(`${USER}/${runs}`, { name: 'x' }),
      own.post(USER, createBody()),
      cloud.act(asleep, 'resume'),
    ]) {
      const res = await refused.expect(403);
      expect([res.body, res.headers['x-error-code']]).toEqual([{ detail: 'Client is suspended.' }, 'client_suspended']);
    }
    expect((await service.staff.post(STAFF, createBody({ client })).expect(400)).body).toEqual({
      client: ['Client is suspended.'],
    });
    await own.get(`${USER}/${runs}`).expect(200);
    await hold(client, null);
    await cloud.work();
    expect(await states([runs, off, asleep, coming])).toEqual(['active', 'stopped', 'suspended', 'active']);
    await hold(client, 'suspended');
    await hold(client, null);
    await cloud.work();
    expect(await states([runs, off])).toEqual(['active', 'stopped']);
    await own.delete(`${USER}/${off}`).expect(200);
  });
  it('403: a suspended service: nobody starts what it stopped; deletes and reads go on', async () => {
    const client = await service.seedClient();
    const { as: own } = await service.seedUser({ username: 'unpaid', clients: [client] });
    const [id, built] = [await cloud.build({}, client), await cloud.ask({ tags: ['sim:fail=spawn'] }, client)];
    await cloud.work();
    const [found] = await sql<{ id: number }>(service.db, 'select id from service where client_id = $1', [client]);
    await service.staff.post(`/staffapi/billing/services/${found?.id}/suspend`).expect(200);
    await cloud.work();
    expect(await states([id, built.id])).toEqual(['stopped', 'error']);
    for (const refused of [
      own.post(`${USER}/${id}/start`),
      cloud.act(id, 'start'),
      own.post(`/api/operations/${built.operation}/retry`),
    ]) {
      const res = await refused.expect(403);
      expect([res.body, res.headers['x-error-code']]).toEqual([{ detail: 'Client is suspended.' }, 'client_suspended']);
    }
    await own.get(`${USER}/${id}`).expect(200);
    await service.staff.post(`/staffapi/billing/services/${found?.id}/unsuspend`).expect(200);
    await cloud.work();
    expect(await states([id])).toEqual(['active']);
    await own.post(`${USER}/${id}/stop`).expect(200);
  });
  it('a suspension and a lock hold, also against taking back the operation that is on its way', async () => {
    const client = await service.seedClient();
    const { as: own } = await service.seedUser({ username: 'sly', clients: [client] });
    const id = await cloud.build({}, client);
    const operation = async () => (await cloud.row(id)).operation_id;
    await cloud.act(id, 'lock').expect(200);
    await cloud.act(id, 'reboot').expect(200);
    await own.post(`/api/operations/${await operation()}/cancel`).expect(409, { detail: `Instance ${id} is locked` });
    await cloud.act(id, 'unlock').expect(200);
    await cloud.work();
    await hold(client, 'suspended');
    await own.post(`/api/operations/${await operation()}/cancel`).expect(403, { detail: 'Client is suspended.' });
    // Staff may, and the suspension asks again at once.
    await service.staff.post(`/staffapi/operations/${await operation()}/cancel`).expect(200);
    expect(await states([id])).toEqual(['powering-off']);
    await cloud.work();
    expect(await states([id])).toEqual(['stopped']);
  });
  it('the end of a client goes on when somebody took back the end of an instance', async () => {
    const client = await service.seedClient();
    const [reset, canceled] = [await cloud.build({}, client), await cloud.build({}, client)];
    await service.staff.delete(`/staffapi/clients/${client}?delete_cloud_resources=true`).expect(204);
    await cloud.act(reset, 'reset-state', { state: 'active' }).expect(200);
    await service.staff.post(`/staffapi/operations/${(await cloud.row(canceled)).operation_id}/cancel`).expect(200);
    await service.sweep('clients.deleting');
    await cloud.work();
    expect(await states([reset, canceled])).toEqual(['deleted', 'deleted']);
  });
  it('no filter, order or search tells an end user what the objects hide', async () => {
    const client = await service.seedClient();
    const { as: own } = await service.seedUser({ username: 'prober', clients: [client] });
    await cloud.build({}, client);
    await own
      .get(`${USER}?filtering=host_name__startswith:Region1`)
      .expect(400, { detail: 'Invalid filter: host_name__startswith:Region1' });
    await own.get(`${USER}?ordering=host_name`).expect(200);
    expect((await own.get('/api/operations?search=demoadmin').expect(200)).body.totalCount).toBe(0);
    expect((await own.get('/api/operations?search=instance.create').expect(200)).body.totalCount).toBe(1);
    expect(
      (await service.staff.get('/staffapi/operations?search=demoadmin').expect(200)).body.totalCount,
    ).toBeGreaterThan(0);
    expect(
      (await service.staff.get(`${STAFF}?filtering=host_name__startswith:Region1`).expect(200)).body.totalCount,
    ).toBeGreaterThan(0);
  });
  it('a stop that a user asks for after a suspension lasts', async () => {
    const client = await service.seedClient();
    const id = await cloud.build({}, client);
    await hold(client, 'suspended');
    await hold(client, null);
    await cloud.work();
    expect(await states([id])).toEqual(['active']);
    await cloud.act(id, 'stop');
    await cloud.work();
    expect(await states([id])).toEqual(['stopped']);
  });
  it('the end of a client takes every instance, protected and locked ones too', async () => {
    const client = await service.seedClient();
    const [plain, guarded, gone] = [
      await cloud.build({}, client),
      await cloud.build({ delete_protection: true }, client),
      await cloud.build({}, client),
    ];
    await cloud.act(guarded, 'lock');
    await service.staff.delete(`${STAFF}/${gone}`);
    expect(await countLiveOfClient(service.db, client)).toBe(3);
    await hold(client, 'deleting');
    await cloud.work();
    expect(await states([plain, guarded, gone])).toEqual(['deleted', 'deleted', 'deleted']);
    expect(await countLiveOfClient(service.db, client)).toBe(0);
  });
});

describe('what metering is told', () => {
  const cloud = useCloud();
  const { service } = cloud;

  it('each fact once, numbered and timed in order, with the client that pays', async () => {
    const id = await cloud.build({ name: 'metered' });
    for (const action of ['pause', 'resume', 'reboot', 'stop', 'reboot', 'suspend', 'resume']) {
      await cloud.act(id, action).expect(200);
      await cloud.work();
    }
    await service.staff.delete(`${STAFF}/${id}`);
    await cloud.work();
    const told = await cloud.events(id);
    expect(told.map((one) => one.type.replace('instance.', ''))).toEqual([
      'power_on',
      'power_off',
      'power_on',
      'power_off',
      'power_on',
      'deleted',
    ]);
    expect(told.map((one) => one.sequence)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(told.map((one) => one.occurred_at)).toEqual(told.map((one) => one.occurred_at).sort());
    const [first] = await sql<{ payload: MeteringEvent }>(
      service.db,
      'select payload from outbox where aggregate = $1 order by id limit 1',
      [`instance:${id}`],
    );
    expect(first?.payload).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      type: 'instance.power_on',
      sequence: 1,
      occurred_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
      account: {
        number: String(service.ownClient),
        name: 'Jane Doe',
        identities: [expect.stringMatching(/^[0-9a-f-]{36}$/)],
      },
      instance: {
        id,
        region: 'Region1',
        instance_type: 'm1.tiny',
        vcpu: 1,
        memory: 0.25,
        image: { id: 'b8e54aa5-eca9-454a-adaf-00fbc659755e', name: 'cirros', os_distro: null },
      },
    });
  });
  it('goes out in order, again while metering is silent, and stays out of the outbox once taken', async () => {
    await sql(service.db, 'delete from outbox');
    const metering = fakeMetering();
    metering.down = true;
    const id = await cloud.build();
    await cloud.act(id, 'stop');
    await cloud.work();
    const relay = await startMeteringRelay(service.ctx, metering);
    try {
      await expect(relay.flush()).rejects.toThrow('metering is silent');
      metering.down = false;
      await relay.flush();
      // What it carried is told besides.
      const ofInstance = metering.accepted.filter(({ type }) => type.startsWith('instance.'));
      expect(ofInstance.map((one) => [one.type, one.sequence])).toEqual([
        ['instance.power_on', 1],
        ['instance.power_off', 2],
      ]);
      expect(await sql(service.db, 'select 1 from outbox')).toEqual([]);
    } finally {
      await relay.stop();
    }
  });
});
