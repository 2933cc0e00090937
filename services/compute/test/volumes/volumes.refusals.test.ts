import { randomUUID } from 'node:crypto';
import { sql } from '@nefos/service-kit';
import { createBody, IMAGE } from '../cloud-support.js';
import { useStorage, VOLUMES } from './volume-support.js';

const USER = '/api/openstack';

describe('what is refused of volumes', () => {
  const cloud = useStorage();
  const { service } = cloud;
  const asked = (more: object) => ({ region: 'Region1', name: 'data', size: 1, ...more });
  const projectOf = async (client: number): Promise<string> =>
    (
      await sql<{ id: string }>(
        service.db,
        'select p.id from project p join service s on s.id = p.service_id where s.client_id = $1',
        [client],
      )
    )[0]?.id as string;

  it("another client's volume, snapshot and backup are as ones that are not there", async () => {
    const volume = await cloud.volume();
    const [snapshot, backup] = [await cloud.snapshot(volume), await cloud.backup(volume)];
    const instance = await cloud.build({}, service.otherClient);
    const none = randomUUID();
    const said = async (method: 'get' | 'post' | 'patch' | 'delete', path: string, id: string, body?: object) => {
      const given = body && (JSON.parse(JSON.stringify(body).replaceAll('ID', id)) as object);
      const res = await service.stranger[method](`${USER}/${path.replace('ID', id)}`, given);
      return [res.status, res.text.replaceAll(id, 'ID'), res.headers['x-error-code']];
    };
    const calls: [method: 'get' | 'post' | 'patch' | 'delete', path: string, id: string, body?: object][] = [
      ['get', 'volumes/ID', volume],
      ['patch', 'volumes/ID', volume, { name: 'mine' }],
      ['delete', 'volumes/ID', volume],
      ['post', 'volumes/ID/extend', volume, { size: 9 }],
      ['post', 'volumes/ID/rename', volume, { name: 'mine' }],
      ['post', 'volumes/ID/upload_to_image', volume, { name: 'mine' }],
      ['post', 'volumes/ID/revert_to_snapshot', volume, { snapshot }],
      ['get', 'volumesnapshots/ID', snapshot],
      ['delete', 'volumesnapshots/ID', snapshot],
      ['get', 'volumebackups/ID', backup],
      ['delete', 'volumebackups/ID', backup],
      ['post', 'volumebackups/ID/restore', backup, {}],
      ['post', 'volumesnapshots', volume, { volume: 'ID', name: 'mine' }],
      ['post', 'volumebackups', volume, { volume: 'ID', name: 'mine' }],
      ['post', 'volumes', volume, asked({ volume: 'ID' })],
      ['post', 'volumes', snapshot, asked({ snapshot: 'ID' })],
      ['post', 'volumes', backup, asked({ backup: 'ID' })],
      ['post', `instances/${instance}/attach-volume`, volume, { volume: 'ID' }],
      ['post', `instances/${instance}/detach_volume`, volume, { volume: 'ID' }],
      ['post', 'instances', volume, createBody({ boot_source: { source_type: 'volume', source_id: 'ID' } })],
      ['post', 'instances', snapshot, createBody({ boot_source: { source_type: 'volumesnapshot', source_id: 'ID' } })],
    ];
    for (const [method, path, id, body] of calls) {
      const foreign = await said(method, path, id, body);
      expect([method, path, foreign]).toEqual([method, path, await said(method, path, none, body)]);
      expect(foreign[0] === 404 || foreign[0] === 400).toBe(true);
    }
    for (const list of ['volumes', 'volumesnapshots', 'volumebackups']) {
      const page = (await service.stranger.get(`${USER}/${list}?filtering=id__isnull:false`).expect(200)).body;
      expect([list, page.count, page.objects]).toEqual([list, 0, []]);
      expect((await service.user.get(`${USER}/${list}`).expect(200)).body.count).toBe(1);
    }
  });
  it('400: values that do not hold, and nothing changes', async () => {
    const volume = await cloud.volume({ size: 3 });
    const before = await sql(service.db, 'select count(*)::int n from volume');
    const refused = async (body: object) =>
      (await service.staff.post(VOLUMES, { ...asked({ client: service.ownClient }), ...body }).expect(400)).body;
    expect(await refused({ size: 0 })).toEqual({ size: ['Ensure this value is greater than or equal to 1.'] });
    expect(await refused({ size: 2_000_000 })).toEqual({
      size: ['Ensure this value is less than or equal to 1048576.'],
    });
    expect(await refused({ size: null })).toEqual({ size: ['This field is required.'] });
    expect(await refused({ name: '' })).toEqual({ name: ['This field may not be blank.'] });
    expect(await refused({ region: 'Nowhere' })).toEqual({ region: ['Invalid pk "Nowhere" - object does not exist.'] });
    expect(await refused({ volume, size: 2 })).toEqual({ size: ['Ensure this value is greater than or equal to 3.'] });
    expect(await refused({ volume, image: IMAGE })).toEqual({ non_field_errors: ['Name one source at most.'] });
    expect(await refused({ volume_type: 'fast' })).toEqual({
      volume_type: ['Invalid pk "fast" - object does not exist.'],
    });
    expect((await service.staff.post(`${VOLUMES}/${volume}/extend`, { size: 3 }).expect(400)).body).toEqual({
      size: ['The volume has 3 GB already: it only grows.'],
    });
    expect(await sql(service.db, 'select count(*)::int n from volume')).toEqual(before);
    await sql(service.db, `update region set enable_volumes = false where id = 'Region1'`);
    expect(await refused({})).toEqual({ region: ['Volumes are not enabled in this region.'] });
    await sql(service.db, `update region set enable_volumes = true where id = 'Region1'`);
  });
  it('409: states that do not allow it, in the words of the contract', async () => {
    const [instance, volume] = [await cloud.build(), await cloud.volume()];
    await cloud.attach(instance, volume);
    const attach = await cloud.act(await cloud.build(), 'attach-volume', { volume }).expect(409);
    expect([attach.body, attach.headers['x-error-code']]).toEqual([
      { detail: `Invalid volume: volume '${volume}' status must be 'available'. Currently in 'in-use'` },
      'invalid_state',
    ]);
    await cloud.act(instance, 'lock').expect(200);
    expect(
      (await service.user.post(`${USER}/instances/${instance}/detach_volume`, { volume }).expect(409)).body,
    ).toEqual({ detail: `Instance ${instance} is locked` });
    await cloud.act(instance, 'unlock').expect(200);
    await cloud.act(instance, 'stop').expect(200);
    expect((await cloud.act(instance, 'detach_volume', { volume }).expect(409)).body).toEqual({
      detail: `Cannot 'detach_volume' instance ${instance} while it is in task_state powering-off`,
    });
    await cloud.work();
    const taken = await cloud.act(instance, 'attach-volume', { volume: await cloud.volume(), device: '/dev/vdb' });
    expect([taken.status, taken.body]).toEqual([400, { device: ['Another volume of the instance has this name.'] }]);
    const odd = await cloud.act(instance, 'attach-volume', { volume: await cloud.volume(), device: 'C:' });
    expect([odd.status, odd.body]).toEqual([400, { device: ['Enter a name such as /dev/vdb.'] }]);
    const move = await cloud.act(instance, 'move', { client: service.otherClient });
    expect([move.status, move.body]).toEqual([400, { client: ['The instance has volumes: detach them first.'] }]);
  });
  it('a region whose driver has no volumes refuses them by name', async () => {
    await sql(
      service.db,
      `insert into region (id, driver, driver_settings) values ('Cloud', 'openstack', '{}') on conflict do nothing`,
    );
    await service.ctx.drivers.refresh('Cloud');
    const res = await service.staff.post(VOLUMES, asked({ region: 'Cloud', client: service.ownClient }));
    expect([res.status, res.body, res.headers['x-error-code']]).toEqual([
      409,
      { detail: 'volumes is not supported in this region.' },
      'unsupported',
    ]);
  });
  it('quotas: of twenty requests at once as many pass as there is room for', async () => {
    const client = await service.seedClient();
    const project = await projectOf(client);
    const quota = `/staffapi/openstack/quotas/${project}`;
    await service.staff.patch(quota, { volumes: 7, gigabytes: 10 }).expect(200);
    const all = await Promise.all(
      Array.from({ length: 20 }, () => service.staff.post(VOLUMES, asked({ client, size: 1 }))),
    );
    expect(all.filter(({ status }) => status === 201)).toHaveLength(7);
    expect(all.find(({ status }) => status === 403)?.body).toEqual({
      detail: 'Quota exceeded for volumes: Requested 1, but already used 7 of 7 volumes',
    });
    expect((await service.staff.get(quota)).body).toMatchObject({
      volumes: { limit: 7, in_use: 0, reserved: 7 },
      gigabytes: { limit: 10, in_use: 0, reserved: 7 },
    });
    await cloud.work();
    const { id } = all.find(({ status }) => status === 201)?.body as { id: string };
    const grown = await Promise.all([3, 3].map((size) => service.staff.post(`${VOLUMES}/${id}/extend`, { size })));
    expect(grown.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect((await service.staff.post(`${VOLUMES}/${id}/extend`, { size: 9 })).status).toBe(409);
    expect((await service.staff.get(quota)).body.gigabytes).toEqual({ limit: 10, in_use: 9, reserved: 0 });
    await cloud.work();
    expect((await service.staff.post(`${VOLUMES}/${id}/extend`, { size: 5 })).body).toEqual({
      detail: 'Quota exceeded for gigabytes: Requested 2, but already used 9 of 10 gigabytes',
    });
    await service.staff.patch(quota, { snapshots: 1, backups: 1 }).expect(200);
    await cloud.snapshot(id);
    await expect(cloud.snapshot(id)).rejects.toThrow('403');
    await cloud.backup(id);
    await expect(cloud.backup(id)).rejects.toThrow('403');
  });
  it('two attachments and two deletions at once: one of each', async () => {
    const [first, second, volume] = [await cloud.build(), await cloud.build(), await cloud.volume()];
    const both = await Promise.all([first, second].map((one) => cloud.act(one, 'attach-volume', { volume })));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    await cloud.work();
    expect(await sql(service.db, 'select state from volume_attachment where volume_id = $1', [volume])).toEqual([
      { state: 'attached' },
    ]);
    const other = await cloud.volume();
    const gone = await Promise.all([1, 2].map(() => service.staff.delete(`${VOLUMES}/${other}`)));
    expect(gone.map(({ status }) => status)).toEqual([204, 204]);
    expect(new Set(gone.map(({ headers }) => String(headers['x-operation-id']))).size).toBe(1);
  });
  it('a POST with an Idempotency-Key makes one volume', async () => {
    const key = randomUUID();
    const send = () =>
      service.user
        .post(`${USER}/volumes`, asked({ name: key }))
        .set('Idempotency-Key', key)
        .expect(201);
    const [first, second] = [await send(), await send()];
    expect(second.text).toBe(first.text);
    expect(await sql(service.db, 'select 1 from volume where name = $1', [key])).toHaveLength(1);
  });
  it('volume types: by name or id; what is not public is for staff', async () => {
    const types = '/staffapi/openstack/volumetypes';
    const make = async (name: string, more: object = {}) =>
      (await service.staff.post(types, { region: 'Region1', name, ...more }).expect(201)).body as { id: string };
    const [fast, inner] = [await make('fast', { backend_name: 'ssd' }), await make('inner', { is_public: false })];
    expect((await service.staff.post(types, { region: 'Region1', name: 'fast' })).status).toBe(400);
    for (const volume_type of ['fast', fast.id]) {
      const made = await service.user.post(`${USER}/volumes`, asked({ volume_type })).expect(201);
      expect(made.body).toMatchObject({ volume_type: 'fast' });
      expect(made.body).not.toHaveProperty('client');
    }
    expect((await service.user.post(`${USER}/volumes`, asked({ volume_type: 'inner' }))).status).toBe(400);
    await service.user.get(`${USER}/volumetypes/${inner.id}`).expect(404);
    expect((await service.user.get(`${USER}/volumetypes/${fast.id}`).expect(200)).body).toEqual({
      id: fast.id,
      name: 'fast',
      description: '',
      is_public: true,
      region: 'Region1',
    });
    expect((await service.staff.delete(`${types}/${fast.id}`).expect(409)).body).toEqual({
      detail: 'The volume type is used by volumes: delete those first.',
    });
    await service.staff.delete(`${types}/${inner.id}`).expect(204);
  });
});
