import { randomUUID } from 'node:crypto';
import { sql } from '@nefos/service-kit';
import { createBody, IMAGE, STAFF, useCloud, USER } from '../cloud-support.js';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGW8oJ0ONiXbYzvYFWGmkTKk1eUrQ4Pj2z4eT4xJtWZQ jane@laptop';

describe('rescue, rebuild, snapshots, shelving, passwords', () => {
  const cloud = useCloud();
  const { service } = cloud;
  const ISO = randomUUID();
  beforeAll(() =>
    sql(
      service.db,
      `insert into image (id, region_id, name, visibility, status, type, disk_format)
      values ($1, 'Region1', 'installer', 'public', 'active', 'iso', 'iso')`,
      [ISO],
    ),
  );
  const state = async (id: string) => {
    const { vm_state: vm, task_state: task, power_state: power } = await cloud.row(id);
    return [vm, task, power];
  };
  const fresh = async (more?: object) => cloud.build(more, await service.seedClient());
  const act = async (id: string, action: string, body?: object) => {
    const res = await cloud.act(id, action, body).expect(200);
    expect(res.headers['x-operation-id']).toBe((await cloud.row(id)).operation_id);
    await cloud.work();
    return res;
  };
  const secrets = () => sql(service.db, 'select 1 from operation_secret');
  const detail = async (id: string) => (await service.staff.get(`${STAFF}/${id}`).expect(200)).body as object;

  it('rescue: with a password of its own making in a header, or the given one; no trace of it afterwards', async () => {
    const id = await fresh();
    const asked = await cloud.act(id, 'rescue', {}).expect(200);
    expect(asked.body).toEqual({ detail: 'Instance is entering rescue mode' });
    const password = String(asked.headers['x-admin-password']);
    expect(password).toMatch(/^[\w-]{16}$/);
    expect(await secrets()).toHaveLength(1);
    await cloud.work();
    expect(await state(id)).toEqual(['rescued', null, 1]);
    expect(await secrets()).toEqual([]);
    const out = await act(id, 'unrescue');
    expect([out.body, await state(id)]).toEqual([{ detail: 'Instance is leaving rescue mode' }, ['active', null, 1]]);
    await act(id, 'stop');
    const given = await act(id, 'rescue', { image: IMAGE, root_password: 'a given one' });
    expect([given.headers['x-admin-password'], await state(id)]).toEqual([undefined, ['rescued', null, 1]]);
    expect(JSON.stringify(await sql(service.db, 'select params, error from operation'))).not.toContain('a given one');
    expect((await cloud.events(id)).map((one) => one.type.replace('instance.', ''))).toEqual([
      'power_on',
      'power_off',
      'power_on',
    ]);
  });
  it('rescue with a key: the repetition has the same body and no password', async () => {
    const id = await fresh();
    const send = () => cloud.act(id, 'rescue', {}).set('Idempotency-Key', 'rescue-once').expect(200);
    const [first, second] = [await send(), await send()];
    expect(first.headers['x-admin-password']).toBeDefined();
    expect(second.headers['x-admin-password']).toBeUndefined();
    expect([second.text, second.headers['x-operation-id']]).toEqual([first.text, first.headers['x-operation-id']]);
    expect(JSON.stringify(await sql(service.db, 'select headers from idempotency_key'))).not.toContain(
      String(first.headers['x-admin-password']),
    );
    await cloud.work();
  });
  it('a rescue that fails is an error', async () => {
    const id = await fresh({ name: 'vm sim:fail=rescue' });
    await act(id, 'rescue', {});
    expect(await state(id)).toEqual(['error', null, 1]);
    expect(await secrets()).toEqual([]);
  });
  it('boot_from_iso: shown until it ends; only an ISO image, and none to rebuild from', async () => {
    const id = await fresh();
    expect((await act(id, 'boot_from_iso', { image: ISO })).body).toEqual({ detail: 'Instance is booting from ISO' });
    expect(await detail(id)).toMatchObject({ status: 'rescued', booted_from_iso: true });
    await act(id, 'unrescue');
    expect(await detail(id)).toMatchObject({ status: 'active', booted_from_iso: false });
    await cloud.act(id, 'boot-from-iso', { image: IMAGE }).expect(400, { image: ['The image is no ISO image.'] });
    for (const action of ['rebuild', 'rescue'])
      await cloud
        .act(id, action, { image: ISO })
        .expect(400, { image: ['An ISO image can not be the root disk of an instance.'] });
  });
  it('rebuild: the new image is shown and metered, addresses stay, what was stopped is stopped', async () => {
    const id = await fresh();
    const before = (await detail(id)) as { access_ip: string };
    const snapshot = await act(id, 'create_snapshot', { name: 'before' });
    const image = String(snapshot.headers['x-image-id']);
    const res = await act(id, 'rebuild', { image, name: 'anew', ssh_keys: [KEY], root_password: 'a secret one' });
    expect(res.body).toEqual({ detail: 'Instance is being rebuilt' });
    expect(await detail(id)).toMatchObject({ status: 'active', image, name: 'anew', access_ip: before.access_ip });
    expect((await cloud.events(id)).map((one) => one.type)).toEqual(['instance.power_on', 'instance.attribute_change']);
    expect((await service.staff.get(`/staffapi/operations/${res.headers['x-operation-id']}`)).body.params).toEqual({
      image,
      image_name: 'before',
      os_distro: null,
      name: 'anew',
      guest: ['ssh_keys', 'root_password'],
    });
    await act(id, 'stop');
    await act(id, 'rebuild', { image: IMAGE });
    expect([await state(id), await detail(id)]).toMatchObject([['stopped', null, 4], { image: IMAGE }]);
    expect(await secrets()).toEqual([]);
  });
  it('400: images that are not there, of others, not active, too large', async () => {
    const client = await service.seedClient();
    const { as: own } = await service.seedUser({ username: 'rebuilder', clients: [client] });
    const id = await cloud.build({}, client);
    const [foreign, saving, large] = [randomUUID(), randomUUID(), randomUUID()];
    for (const [one, visibility, status, disk] of [
      [foreign, 'private', 'active', 0],
      [saving, 'public', 'queued', 0],
      [large, 'public', 'active', 100],
    ])
      await sql(
        service.db,
        `insert into image (id, region_id, project_id, name, visibility, status, min_disk)
        values ($1, 'Region1', 'p', 'x', $2, $3, $4)`,
        [one, visibility, status, disk],
      );
    for (const image of [randomUUID(), foreign])
      expect((await own.post(`${USER}/${id}/rebuild`, { image }).expect(400)).body).toEqual({
        image: [`Invalid pk "${image}" - object does not exist.`],
      });
    await cloud.act(id, 'rebuild', { image: saving }).expect(400, { image: [`Image ${saving} is not active.`] });
    await cloud
      .act(id, 'rebuild', { image: large })
      .expect(400, { image: ["Flavor's disk is too small for requested image."] });
    expect(await state(id)).toEqual(['active', null, 1]);
  });
  const imageOf = async (id: string) => service.staff.get(`/staffapi/openstack/images/${id}`);
  it('create_snapshot: the image is saving at once and active with a size later; a lock does not stop it', async () => {
    const client = await service.seedClient();
    const { as: own } = await service.seedUser({ username: 'snapper', clients: [client] });
    const id = await cloud.build({}, client);
    await cloud.act(id, 'lock').expect(200);
    const res = await own.post(`${USER}/${id}/create-snapshot`, { name: 'mine' }).expect(200);
    expect(res.body).toEqual({ detail: 'Snapshot is being created' });
    const image = String(res.headers['x-image-id']);
    expect((await own.get(`/api/openstack/images/${image}`).expect(200)).body).toMatchObject({
      name: 'mine',
      status: 'saving',
      type: 'snapshot',
      visibility: 'private',
      instance_uuid: id,
      min_disk: 1,
      size: 0,
    });
    expect((await cloud.row(id)).task_state).toBe('image_snapshot_pending');
    await cloud.work();
    expect((await own.get(`/api/openstack/images/${image}`)).body).toMatchObject({ status: 'active', size: 1024 ** 3 });
    expect(await state(id)).toEqual(['active', null, 1]);
    await service.stranger.get(`/api/openstack/images/${image}`).expect(404);
  });
  it('a snapshot that fails leaves no image, here or there; the instance is as it was', async () => {
    const id = await fresh({ name: 'vm sim:fail=snapshot' });
    const { headers } = await act(id, 'create_snapshot', { name: 'never' });
    expect((await imageOf(String(headers['x-image-id']))).status).toBe(404);
    expect(await state(id)).toEqual(['active', null, 1]);
    expect(await sql(service.db, 'select 1 from sim_image where portal_id = $1', [id])).toEqual([]);
  });
  it('an instance that is deleted, or set to a state, during its snapshot leaves no image', async () => {
    for (const end of ['delete', 'reset'] as const) {
      const id = await fresh();
      await sql(service.db, `update sim_machine set name = 'vm sim:delay_ms=600000' where portal_id = $1`, [id]);
      const res = await cloud.act(id, 'create_snapshot', { name: 'half' }).expect(200);
      const image = String(res.headers['x-image-id']);
      await cloud.work();
      expect((await cloud.row(id)).task_state).toBe('image_uploading');
      await sql(service.db, `update sim_machine set name = 'vm' where portal_id = $1`, [id]);
      if (end === 'delete') await service.staff.delete(`${STAFF}/${id}`).expect(200);
      else await cloud.act(id, 'reset-state', { state: 'active' }).expect(200);
      await cloud.work();
      await service.sweep('images.unfinished');
      await cloud.work();
      expect([end, (await imageOf(image)).status]).toEqual([end, 404]);
      expect(await sql(service.db, 'select 1 from sim_image where image_id = $1', [image])).toEqual([]);
    }
  });
  it('create_backup: the newest of each kind stay, snapshots and protected ones are not counted', async () => {
    const id = await fresh();
    await act(id, 'create_snapshot', { name: 'kept' });
    const made: string[] = [];
    for (let i = 0; i < 4; i += 1) {
      const res = await act(id, 'create_backup', { backup_type: 'daily', rotation: 2 });
      expect(res.body).toEqual({ detail: 'Backup is being created' });
      made.push(String(res.headers['x-image-id']));
      if (i === 0) await sql(service.db, 'update image set protected = true where id = $1', [made[0]]);
    }
    await act(id, 'create_backup', { backup_type: 'weekly', rotation: 1, name: 'weekly one' });
    expect(await Promise.all(made.map(async (one) => (await imageOf(one)).status))).toEqual([200, 404, 200, 200]);
    expect((await sql(service.db, 'select 1 from sim_image where portal_id = $1', [id])).length).toBe(5);
    await act(id, 'create_backup', { backup_type: 'daily', rotation: 0 });
    expect(await Promise.all(made.map(async (one) => (await imageOf(one)).status))).toEqual([200, 404, 404, 404]);
    for (const body of [
      { backup_type: 'hourly', rotation: 1 },
      { backup_type: 'daily', rotation: -1 },
      { backup_type: 'daily' },
      { rotation: 1 },
    ])
      await cloud.act(id, 'create_backup', body).expect(400);
  });
  it('change-password: for a running guest only; not kept', async () => {
    const id = await fresh();
    expect((await act(id, 'change_password', { password: 'a new secret' })).body).toEqual({
      detail: 'Password change requested',
    });
    expect(await state(id)).toEqual(['active', null, 1]);
    expect(JSON.stringify(await sql(service.db, 'select * from operation'))).not.toContain('a new secret');
    expect(await secrets()).toEqual([]);
    await cloud.act(id, 'change-password', { password: '' }).expect(400);
    await act(id, 'stop');
    await cloud
      .act(id, 'change-password', { password: 'x' })
      .expect(409, { detail: `Cannot 'changePassword' instance ${id} while it is in vm_state stopped` });
  });
  it('shelve: on no host, off the meter; unshelve: runs again', async () => {
    const id = await fresh();
    expect((await act(id, 'shelve')).body).toEqual({ detail: 'Instance is shelving' });
    expect([await state(id), await detail(id)]).toMatchObject([
      ['shelved_offloaded', null, 4],
      { host_name: null, hostId: '', allowed_actions: ['rename', 'attach_volume', 'lock', 'unlock', 'unshelve'] },
    ]);
    expect((await act(id, 'unshelve')).body).toEqual({ detail: 'Instance is unshelving' });
    expect(await state(id)).toEqual(['active', null, 1]);
    expect((await cloud.events(id)).map((one) => one.type.replace('instance.', ''))).toEqual([
      'power_on',
      'power_off',
      'power_on',
    ]);
  });
  it('unshelve: one that fails leaves it shelved, and it can be tried again', async () => {
    const id = await fresh({ tags: ['sim:fail=unshelve@12'] });
    await act(id, 'shelve');
    const before = await state(id);
    expect(before).toEqual(['shelved_offloaded', null, 4]);
    await cloud.act(id, 'unshelve').expect(200);
    for (let i = 0; i < 12; i += 1) {
      await sql(service.db, 'update graphile_worker._private_jobs set run_at = now()');
      await cloud.work();
    }
    expect(
      await sql(service.db, `select status from operation where instance_id = $1 and action = 'unshelve'`, [id]),
    ).toEqual([{ status: 'failed' }]);
    expect(await state(id)).toEqual(before);
    expect(await detail(id)).toMatchObject({
      host_name: null,
      fault: null,
      allowed_actions: expect.arrayContaining(['unshelve']),
    });
    await sql(service.db, 'delete from sim_fault where portal_id = $1', [id]);
    await sql(service.db, `update sim_machine set tags = '{}' where portal_id = $1`, [id]);
    await act(id, 'unshelve');
    expect(await state(id)).toEqual(['active', null, 1]);
  });
  it('409: a snapshot in a region without snapshots', async () => {
    const id = await fresh();
    await sql(service.db, 'update region set enable_snapshots = false');
    await cloud.act(id, 'create_snapshot', { name: 'x' }).expect(409);
    await sql(service.db, 'update region set enable_snapshots = true');
  });

  describe('what a guest is given', () => {
    const post = (more: object) => service.staff.post(STAFF, createBody({ client: service.ownClient, ...more }));
    it('keys, password and user data reach the guest, and are stored only until it is built', async () => {
      const userData = Buffer.from('#cloud-config\n').toString('base64');
      const res = await post({ ssh_keys: [KEY], root_password: ' s e cret ', user_data: userData }).expect(201);
      expect(await secrets()).toHaveLength(1);
      const path = `/staffapi/operations/${res.headers['x-operation-id']}`;
      expect((await service.staff.get(path)).body.params.guest).toEqual(['ssh_keys', 'root_password', 'user_data']);
      await cloud.work();
      expect(await secrets()).toEqual([]);
      const { id } = res.body as { id: string };
      expect((await service.staff.get(`${STAFF}/${id}/console_log`)).body.output).toContain(
        'cloud-init: 1 ssh keys, a password, 14 bytes of user data',
      );
      const stored = JSON.stringify(
        await Promise.all(['operation', 'instance', 'sim_machine'].map((t) => sql(service.db, `select * from ${t}`))),
      );
      for (const secret of ['s e cret', userData]) expect(stored).not.toContain(secret);
    });
    it('a build that fails for good forgets them, and is not retried without them', async () => {
      const res = await post({ root_password: 'secret', tags: ['sim:no-capacity'] }).expect(201);
      await cloud.work();
      expect(await secrets()).toEqual([]);
      await service.staff.post(`/staffapi/operations/${res.headers['x-operation-id']}/retry`).expect(409);
      const deleted = await post({ root_password: 'secret' }).expect(201);
      await service.staff.delete(`${STAFF}/${(deleted.body as { id: string }).id}`).expect(200);
      expect(await secrets()).toEqual([]);
    });
    it('400: what is no key, no base64, too long', async () => {
      for (const [given, said] of [
        [{ ssh_keys: ['my-key'] }, { ssh_keys: { 0: ['Object with name=my-key does not exist.'] } }],
        [
          { ssh_keys: [KEY, 'ssh-ed25519 AAAA'] },
          { ssh_keys: { 1: ['Object with name=ssh-ed25519 AAAA... does not exist.'] } },
        ],
        [{ user_data: '%%%' }, { user_data: ['This field must be base64.'] }],
        [
          { user_data: Buffer.alloc(65_537).toString('base64') },
          { user_data: ['Ensure this field has no more than 65536 bytes.'] },
        ],
        [{ root_password: 'a\nb' }, { root_password: ['This field may not contain control characters.'] }],
      ] as const)
        expect((await post(given).expect(400)).body).toEqual(said);
      await post({ user_data: Buffer.alloc(65_536).toString('base64') }).expect(201);
    });
    it('400: what no driver can give is refused by name, never dropped', async () => {
      const said = ['This field is not supported in this region.'];
      const forNew = ['This field is for a new volume: see create_new_volume.'];
      const nic = 'd9f9ca07-3ce5-435e-8aa2-a7302697025d';
      const boot = createBody().boot_source;
      for (const [given, refused] of [
        [{ availability_zone: 'nova' }, { availability_zone: said }],
        [{ volume_size: 10 }, { boot_source: { volume_size: forNew } }],
        [{ boot_source: { ...boot, volume_type: 'ssd' } }, { boot_source: { volume_type: forNew } }],
        [{ boot_source: { ...boot, volume_size: 3 } }, { boot_source: { volume_size: forNew } }],
      ] as const)
        expect((await post(given).expect(400)).body).toEqual(refused);
      await post({ nics: [{ network: nic, fixed_ip: null }], security_groups: [], availability_zone: '' }).expect(201);
    });
  });
});
