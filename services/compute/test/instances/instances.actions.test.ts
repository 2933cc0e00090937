import { sql } from '@nefos/service-kit';
import { STAFF, useCloud, USER } from '../cloud-support.js';

describe('actions on instances', () => {
  const cloud = useCloud();
  const { service } = cloud;
  const state = async (id: string) => {
    const { vm_state: vm, task_state: task, power_state: power } = await cloud.row(id);
    return [vm, task, power];
  };
  const fresh = async (more?: object) => cloud.build(more, await service.seedClient());

  it('200: each action in its words, and where it leads', async () => {
    const id = await fresh();
    for (const [action, words, ...wanted] of [
      ['stop', 'Instance is stopping', 'stopped', null, 4],
      ['start', 'Instance is starting', 'active', null, 1],
      ['reboot', 'Instance is rebooting', 'active', null, 1],
      ['suspend', 'Instance is suspending', 'suspended', null, 4],
      ['resume', 'Instance is resuming', 'active', null, 1],
      ['pause', 'Instance is pausing', 'paused', null, 3],
      ['resume', 'Instance is resuming', 'active', null, 1],
      ['pause', 'Instance is pausing', 'paused', null, 3],
      ['unpause', 'Instance is resuming', 'active', null, 1],
      ['stop', 'Instance is stopping', 'stopped', null, 4],
      ['reboot', 'Instance is rebooting', 'active', null, 1],
    ] as const) {
      const res = await cloud.act(id, action).expect(200);
      expect(res.body).toEqual({ detail: words });
      expect(res.headers['x-operation-id']).toBe((await cloud.row(id)).operation_id);
      await cloud.work();
      expect(await state(id)).toEqual(wanted);
    }
  });
  it('409: fifty stops at once, one is accepted', async () => {
    const id = await fresh();
    const all = await Promise.all(Array.from({ length: 50 }, () => cloud.act(id, 'stop')));
    expect(all.filter((res) => res.status === 200)).toHaveLength(1);
    for (const res of all.filter((one) => one.status !== 200)) {
      expect(res.status).toBe(409);
      expect(res.body).toEqual({ detail: `Cannot 'stop' instance ${id} while it is in task_state powering-off` });
      expect(res.headers['x-error-code']).toBe('busy');
    }
    expect(
      await sql(service.db, `select 1 from operation where instance_id = $1 and type = 'instance.stop'`, [id]),
    ).toHaveLength(1);
    await cloud.work();
    const late = await cloud.act(id, 'stop').expect(409);
    expect([late.body, late.headers['x-error-code']]).toEqual([
      { detail: `Cannot 'stop' instance ${id} while it is in vm_state stopped` },
      'invalid_state',
    ]);
  });
  it('409: a soft reboot of a stopped instance; without a type it is hard', async () => {
    const id = await fresh();
    await cloud.act(id, 'stop');
    await cloud.work();
    expect((await cloud.act(id, 'reboot', { type: 'SOFT' }).expect(409)).body).toEqual({
      detail: `Cannot 'reboot' instance ${id} while it is in vm_state stopped`,
    });
    expect((await cloud.act(id, 'reboot', { type: 'WILD' }).expect(400)).body).toEqual({
      type: ['"WILD" is not a valid choice.'],
    });
    await cloud.act(id, 'reboot', {}).expect(200);
    await cloud.work();
    expect(await state(id)).toEqual(['active', null, 1]);
  });
  it('403: what staff alone may do', async () => {
    const client = await service.seedClient();
    const { as: own } = await service.seedUser({ username: 'later', clients: [client] });
    const id = await cloud.build({}, client);
    for (const segment of ['migrate', 'abort-migrate', 'move', 'reset-state'])
      expect((await own.post(`${USER}/${id}/${segment}`, { state: 'active', client }).expect(403)).body).toEqual({
        detail: 'You do not have permission to perform this action.',
      });
  });
  it('200: delete in the same breath as create, in every state, twice; then 404', async () => {
    const { id, operation } = await cloud.ask({}, await service.seedClient());
    const first = await service.staff.delete(`${STAFF}/${id}`).expect(200);
    expect(first.body).toEqual({ detail: 'Instance is being deleted' });
    const second = await service.staff.delete(`${STAFF}/${id}`).expect(200);
    expect(second.headers['x-operation-id']).toBe(first.headers['x-operation-id']);
    await cloud.work();
    await service.staff.delete(`${STAFF}/${id}`).expect(404);
    expect((await service.staff.get(`/staffapi/operations/${operation}`)).body).toMatchObject({ status: 'canceled' });
    expect(await cloud.machines(id)).toEqual([]);
  });
  it('409: a protected instance is not deleted', async () => {
    const id = await fresh();
    expect((await service.staff.patch(`${STAFF}/${id}`, { delete_protection: true }).expect(200)).body).toMatchObject({
      delete_protection: true,
      name: 'newinstance',
    });
    const res = await service.staff.delete(`${STAFF}/${id}`).expect(409);
    expect([res.body, res.headers['x-error-code']]).toEqual([
      { detail: 'Instance is protected from deletion.' },
      'delete_protected',
    ]);
  });
  it('200: PATCH and rename change what they name and nothing else', async () => {
    const id = await fresh({ description: 'first', tags: ['a'] });
    expect(
      (await service.staff.patch(`${STAFF}/${id}`, { description: null, tags: ['b', 'c'] }).expect(200)).body,
    ).toMatchObject({ name: 'newinstance', description: null, tags: ['b', 'c'] });
    expect((await cloud.act(id, 'rename', { name: 'a:b' }).expect(200)).body).toEqual({ detail: 'Instance renamed' });
    expect((await service.staff.get(`${STAFF}/${id}`)).body).toMatchObject({ name: 'a:b', tags: ['b', 'c'] });
    await cloud.act(id, 'rename', { name: '' }).expect(400, { name: ['This field may not be blank.'] });
  });
  it("locks: the owner's binds the owner, staff's can not be taken off by the owner, staff is bound by none", async () => {
    const client = await service.seedClient();
    const { as: own } = await service.seedUser({ username: 'locker', clients: [client] });
    const id = await cloud.build({}, client);
    const mine = (action: string, body?: object) => own.post(`${USER}/${id}/${action}`, body);
    await mine('lock').expect(200, { detail: 'Instance locked' });
    for (const refused of [
      mine('stop'),
      mine('rename', { name: 'x' }),
      own.delete(`${USER}/${id}`),
      own.patch(`${USER}/${id}`, { name: 'x' }),
    ]) {
      const res = await refused.expect(409);
      expect([res.body, res.headers['x-error-code']]).toEqual([{ detail: `Instance ${id} is locked` }, 'locked']);
    }
    await mine('unlock').expect(200, { detail: 'Instance unlocked' });
    await cloud.act(id, 'lock').expect(200);
    await mine('unlock').expect(409, { detail: `Instance ${id} is locked` });
    await mine('lock').expect(409);
    await cloud.act(id, 'reboot').expect(200);
  });
  it('reset-state: at once; what ran is given up, and metering hears of it', async () => {
    const id = await fresh();
    await cloud.act(id, 'stop').expect(200);
    await cloud.act(id, 'reset_state', { state: 'error' }).expect(200, { detail: 'Instance state reset' });
    await cloud.work();
    expect(await state(id)).toEqual(['error', null, 1]);
    expect(
      await sql(service.db, `select status from operation where instance_id = $1 and type = 'instance.stop'`, [id]),
    ).toEqual([{ status: 'canceled' }]);
    await cloud.act(id, 'reset-state', { state: 'gone' }).expect(400, { state: ['"gone" is not a valid choice.'] });
    await cloud.act(id, 'stop').expect(200);
    await cloud.work();
    expect(await state(id)).toEqual(['stopped', null, 4]);
  });
  it('reset-state does not make a machine: what was never built is not metered', async () => {
    const id = await fresh({ tags: ['sim:no-capacity'] });
    await cloud.act(id, 'reset-state', { state: 'active' }).expect(200);
    expect((await service.staff.get(`${STAFF}/${id}`)).body).toMatchObject({
      status: 'active',
      fault: null,
      launched_at: null,
    });
    expect(await cloud.events(id)).toEqual([]);
  });
  it('history: newest first; console_log: text', async () => {
    const id = await fresh();
    await cloud.act(id, 'stop');
    await cloud.work();
    expect(
      (await service.staff.get(`${STAFF}/${id}/history`).expect(200)).body.objects.map(
        (one: { type: string }) => one.type,
      ),
    ).toEqual(['instance.stop', 'instance.create']);
    expect((await service.staff.get(`${STAFF}/${id}/console_log?length=1`).expect(200)).body).toEqual({
      output: 'newinstance login:\n',
    });
  });
  it('an operation that has not begun can be taken back; one that ended can not', async () => {
    const id = await fresh();
    const res = await cloud.act(id, 'stop').expect(200);
    const path = `/staffapi/operations/${res.headers['x-operation-id']}`;
    expect((await service.staff.post(`${path}/cancel`).expect(200)).body).toMatchObject({ status: 'canceled' });
    expect(await state(id)).toEqual(['active', null, 1]);
    await cloud.work();
    expect(await state(id)).toEqual(['active', null, 1]);
    await service.staff.post(`${path}/cancel`).expect(409);
    await service.staff.post('/staffapi/operations/mark_all_as_viewed').expect(200);
    expect((await service.staff.get(path)).body).toMatchObject({ viewed: true });
  });
  it('a failed build can be retried, once; a success can not', async () => {
    const id = await fresh({ name: 'vm sim:fail=spawn' });
    const { operation_id: failed } = await cloud.row<{ operation_id: string }>(id);
    await sql(service.db, `update instance set name = 'vm' where id = $1`, [id]);
    const all = await Promise.all([1, 2, 3].map(() => service.staff.post(`/staffapi/operations/${failed}/retry`)));
    expect(all.map((res) => res.status).sort()).toEqual([200, 409, 409]);
    await cloud.work();
    expect(await state(id)).toEqual(['active', null, 1]);
    const again = all.find((res) => res.status === 200)?.body as { id: string };
    expect((await service.staff.get(`/staffapi/operations/${again.id}`)).body).toMatchObject({
      type: 'instance.create',
      status: 'completed',
      params: { name: 'vm sim:fail=spawn' },
    });
    for (const operation of [failed, again.id])
      await service.staff.post(`/staffapi/operations/${operation}/retry`).expect(409);
  });
  it('an end user sees what was done to the own instance, not who of the staff did it', async () => {
    const client = await service.seedClient();
    const { as: own, id: userId } = await service.seedUser({ username: 'curious', clients: [client] });
    const id = await cloud.build({}, client);
    await own.post(`${USER}/${id}/stop`).expect(200);
    await cloud.work();
    expect(
      (await own.get(`${USER}/${id}/history`).expect(200)).body.objects.map(
        (one: { created_by: unknown }) => one.created_by,
      ),
    ).toEqual([{ id: userId, username: 'curious' }, null]);
  });
  it('405 and 404: a read of an action, an unknown action, what is no id', async () => {
    const id = await fresh();
    expect((await service.staff.get(`${STAFF}/${id}/stop`).expect(405)).headers.allow).toMatch(/POST/);
    for (const path of [`${STAFF}/${id}/no_such_action`, `${STAFF}/newinstance/stop`])
      await service.staff.post(path).expect(404, { detail: 'Not found.' });
    await service.staff.get(`${STAFF}/%00`).expect(404);
    await service.staff.get('/staffapi/openstack/regions/%00').expect(404);
  });
});
