import { randomUUID } from 'node:crypto';
import { sql } from '@nefos/service-kit';
import { sweepSchedules } from '../../src/schedules/domain/run-power.js';
import { useCloud } from '../cloud-support.js';
import type { As } from '../support.js';

interface Schedule {
  id: string;
  next_run: string | null;
  last_run: string | null;
  last_result: { status: string; detail: string; operation: string | null; due_at: string } | null;
}
const STAFF = '/staffapi/openstack/powerschedules';
const USER = '/api/openstack/powerschedules';

describe('power schedules', () => {
  const cloud = useCloud();
  const { service } = cloud;
  let instance: string;
  const make = async (body: object = {}, as: As = service.staff, path = STAFF): Promise<Schedule> =>
    (await as.post(path, { instance, action: 'stop', cron: '30 12 * * *', ...body }).expect(201)).body as Schedule;
  const get = async (id: string): Promise<Schedule> =>
    (await service.staff.get(`${STAFF}/${id}`).expect(200)).body as Schedule;
  const at = (time: string): void => service.clock.set(time);
  const operations = (id = instance) =>
    sql<{ type: string; status: string }>(
      service.db,
      `select type, status from operation where instance_id = $1 order by created_at, id`,
      [id],
    );
  beforeEach(async () => {
    at('2026-01-15T12:00:00Z');
    instance = await cloud.build();
  });
  afterEach(async () => {
    await sql(service.db, 'delete from power_schedule');
    // Makes room in the quota.
    await sql(service.db, `update instance set vm_state = 'deleted', task_state = null`);
  });

  it('201: runs once at its time, through the operations of the portal', async () => {
    const { id, ...made } = await make();
    expect(made).toMatchObject({ instance, action: 'stop', timezone: 'UTC', enabled: true, last_run: null });
    expect(made.next_run).toBe('2026-01-15T14:30:00+02:00');
    await service.sweep('schedules.power');
    expect(await operations()).toHaveLength(1);
    at('2026-01-15T12:30:10Z');
    await service.sweep('schedules.power');
    await service.sweep('schedules.power');
    await cloud.work();
    expect(await operations()).toEqual([
      { type: 'instance.create', status: 'completed' },
      { type: 'instance.stop', status: 'completed' },
    ]);
    expect(await cloud.row(instance)).toMatchObject({ vm_state: 'stopped' });
    expect(await get(id)).toMatchObject({
      next_run: '2026-01-16T14:30:00+02:00',
      last_run: '2026-01-15T14:30:10+02:00',
      last_result: { status: 'accepted', due_at: '2026-01-15T14:30:00+02:00', operation: expect.any(String) },
    });
  });

  it('many workers at once run each time once', async () => {
    const others = [instance, await cloud.build(), await cloud.build()];
    for (const one of others) await make({ instance: one });
    at('2026-01-15T12:31:00Z');
    await Promise.all(Array.from({ length: 6 }, () => sweepSchedules(service.ctx)));
    for (const one of others)
      expect((await operations(one)).filter(({ type }) => type === 'instance.stop')).toHaveLength(1);
  });

  it('a process that dies in the middle leaves the time for the next one', async () => {
    const { id } = await make();
    at('2026-01-15T12:31:00Z');
    const dying = {
      ...service.ctx,
      db: {
        ...service.db,
        transaction: <T>(work: Parameters<typeof service.db.transaction<T>>[0]): Promise<T> =>
          service.db.transaction<T>(async (tx) => {
            await work(tx);
            throw new Error('killed');
          }),
      },
    };
    await expect(sweepSchedules(dying)).rejects.toThrow('killed');
    expect(await operations()).toHaveLength(1);
    expect((await get(id)).last_result).toBeNull();
    await service.sweep('schedules.power');
    expect(await operations()).toHaveLength(2);
  });

  it('a refusal is said in its words and the next time stands', async () => {
    const { id } = await make({ action: 'start' });
    at('2026-01-15T12:31:00Z');
    await service.sweep('schedules.power');
    expect(await get(id)).toMatchObject({
      last_result: {
        status: 'refused',
        detail: `Cannot 'start' instance ${instance} while it is in vm_state active`,
        operation: null,
      },
      next_run: '2026-01-16T14:30:00+02:00',
    });
    await service.user.post(`/api/openstack/instances/${instance}/lock`).expect(200);
    await service.staff.patch(`${STAFF}/${id}`, { action: 'reboot', cron: '0 13 * * *' }).expect(200);
    at('2026-01-15T13:00:00Z');
    await service.sweep('schedules.power');
    expect((await get(id)).last_result).toMatchObject({ status: 'refused', detail: `Instance ${instance} is locked` });
  });

  it("a suspended client's instance is not started", async () => {
    const { id } = await make({ action: 'start' });
    await cloud.act(instance, 'stop').expect(200);
    await cloud.work();
    await sql(service.db, `update client set hold = 'suspended' where id = $1`, [service.ownClient]);
    at('2026-01-15T12:31:00Z');
    await service.sweep('schedules.power');
    expect((await get(id)).last_result).toMatchObject({ status: 'refused', detail: 'Client is suspended.' });
    const body = { instance, action: 'stop', cron: '0 0 * * *' };
    expect((await service.user.post(USER, body).expect(403)).body).toEqual({ detail: 'Client is suspended.' });
    await service.user.patch(`${USER}/${id}`, { enabled: false }).expect(403);
    await service.user.get(`${USER}/${id}`).expect(200);
    await service.user.delete(`${USER}/${id}`).expect(204);
    await sql(service.db, 'update client set hold = null where id = $1', [service.ownClient]);
  });

  it('what was missed runs once within the hour, and is skipped later', async () => {
    const often = await make({ cron: '*/5 * * * *' });
    const daily = await make({ cron: '30 12 * * *', action: 'reboot' });
    at('2026-01-15T12:55:00Z');
    await service.sweep('schedules.power');
    expect((await get(daily.id)).last_result?.status).toBe('refused'); // The other was first: the instance is busy.
    expect((await operations()).filter(({ type }) => type === 'instance.stop')).toHaveLength(1);
    expect((await get(often.id)).next_run).toBe('2026-01-15T15:00:00+02:00');
    at('2026-01-16T14:00:00Z');
    await service.sweep('schedules.power');
    expect(await get(daily.id)).toMatchObject({
      last_result: {
        status: 'skipped',
        detail: 'The time was missed by more than an hour.',
        due_at: '2026-01-16T14:30:00+02:00',
      },
      next_run: '2026-01-17T14:30:00+02:00',
    });
  });

  it('the clocks change, the hour of the zone stays', async () => {
    at('2026-03-28T12:00:00Z');
    const { next_run } = await make({ cron: '0 8 * * *', timezone: 'Europe/Bucharest' });
    expect(next_run).toBe('2026-03-29T08:00:00+03:00');
  });

  it('disabled schedules and those of deleted instances do not run', async () => {
    const { id } = await make({ enabled: false });
    at('2026-01-15T12:31:00Z');
    await service.sweep('schedules.power');
    expect(await operations()).toHaveLength(1);
    expect((await get(id)).next_run).toBeNull();
    await service.staff.patch(`${STAFF}/${id}`, { enabled: true }).expect(200);
    await service.staff.delete(`/staffapi/openstack/instances/${instance}`).expect(200);
    await cloud.work();
    await service.staff.get(`${STAFF}/${id}`).expect(404);
    await service.sweep('schedules.power');
    expect(await sql(service.db, 'select 1 from power_schedule')).toEqual([]);
  });

  it("404: another client's schedule looks absent, 400: so does its instance", async () => {
    const { id } = await make({}, service.user, USER);
    const [other, none] = [
      await service.stranger.get(`${USER}/${id}`),
      await service.stranger.get(`${USER}/${randomUUID()}`),
    ];
    expect([other.status, other.body]).toEqual([404, none.body]);
    for (const call of [
      service.stranger.patch(`${USER}/${id}`, { enabled: false }),
      service.stranger.delete(`${USER}/${id}`),
    ])
      await call.expect(404);
    const body = { action: 'stop', cron: '0 0 * * *' };
    const unknown = randomUUID();
    const [theirs, absent] = [
      await service.stranger.post(USER, { ...body, instance }).expect(400),
      await service.stranger.post(USER, { ...body, instance: unknown }).expect(400),
    ];
    expect(theirs.text.replaceAll(instance, 'ID')).toBe(absent.text.replaceAll(unknown, 'ID'));
    const ids = async (as: As, path: string) =>
      ((await as.get(path).expect(200)).body as { objects: Schedule[] }).objects.map((one) => one.id);
    expect(await ids(service.user, USER)).toEqual([id]);
    expect(await ids(service.stranger, USER)).toEqual([]);
    expect(await ids(service.staff, `${STAFF}?instance=${instance}`)).toEqual([id]);
    expect(await ids(service.staff, `${STAFF}?instance=${unknown}`)).toEqual([]);
  });

  it.each([
    ['an action that is none', { action: 'explode' }, 'action'],
    ['no cron', { cron: 'now' }, 'cron'],
    ['seconds', { cron: '* * * * * *' }, 'cron'],
    ['a day that never comes', { cron: '0 0 30 2 *' }, 'cron'],
    ['a zone that is none', { timezone: 'Mars/Base' }, 'timezone'],
    ['an instance that is none', { instance: 'x' }, 'instance'],
    ['a cron that is too long', { cron: `${'1,'.repeat(100)}1 * * * *` }, 'cron'],
  ])('400: %s', async (_name, body, field) => {
    const res = await service.staff.post(STAFF, { instance, action: 'stop', cron: '0 0 * * *', ...body }).expect(400);
    expect(Object.keys(res.body as object)).toEqual([field]);
  });

  it('409: one too many of an instance', async () => {
    await sql(
      service.db,
      `insert into power_schedule (id, instance_id, action, cron, timezone) select gen_random_uuid(), $1, 'stop', '0 0 * * *', 'UTC'
      from generate_series(1, 20)`,
      [instance],
    );
    await service.staff.post(STAFF, { instance, action: 'stop', cron: '0 0 * * *' }).expect(409);
  });
});
