import { randomUUID } from 'node:crypto';
import { sql } from '@nefos/service-kit';
import { sweepBackups } from '../../src/schedules/domain/run-backups.js';
import { useCloud } from '../cloud-support.js';
import type { As } from '../support.js';

interface Schedule {
  id: string;
  next_run: string | null;
  last_run: string | null;
  last_result: { status: string; detail: string; operation: string | null; image: string | null } | null;
}
const STAFF = '/staffapi/openstack/backupschedules';
const USER = '/api/openstack/backupschedules';

describe('backup schedules', () => {
  const cloud = useCloud();
  const { service } = cloud;
  let instance: string;
  const body = (more: object = {}) => ({ instance, type: 'daily', run_at: '03:00', rotation: 2, ...more });
  const make = async (more: object = {}, as: As = service.staff, path = STAFF): Promise<Schedule> =>
    (await as.post(path, body(more)).expect(201)).body as Schedule;
  const get = async (id: string): Promise<Schedule> =>
    (await service.staff.get(`${STAFF}/${id}`).expect(200)).body as Schedule;
  const at = (time: string): void => service.clock.set(time);
  /** The schedule's time comes, and the backup is made. */
  const runAt = async (time: string): Promise<void> => {
    at(time);
    await service.sweep('schedules.backup');
    await cloud.work();
  };
  const backups = (of = instance) =>
    sql<{ id: string; name: string; status: string; schedule: string | null }>(
      service.db,
      `select id, name, status, properties ->> 'backup_schedule' schedule from image
      where instance_id = $1 and type = 'backup' and status <> 'pending_delete' order by created_at, id`,
      [of],
    );
  beforeEach(async () => {
    at('2026-01-15T12:00:00Z');
    instance = await cloud.build();
  });
  afterEach(async () => {
    await sql(service.db, 'delete from backup_schedule');
    await sql(service.db, 'update client set hold = null');
    await sql(service.db, `delete from image where type = 'backup'`);
    // Makes room in the quota.
    await sql(service.db, `update instance set vm_state = 'deleted', task_state = null`);
  });

  it('201: makes a backup at its time, and keeps as many of its own as the rotation says', async () => {
    const { id, ...made } = await make({ name_prefix: 'nightly' });
    expect(made).toMatchObject({
      instance,
      client: service.ownClient,
      type: 'daily',
      run_at: '03:00',
      day_of_week: null,
      day_of_month: null,
      rotation: 2,
      timezone: 'UTC',
      enabled: true,
      last_run: null,
      last_result: null,
      next_run: '2026-01-16T05:00:00+02:00',
    });
    const byHand = await cloud.act(instance, 'create_backup', { backup_type: 'daily', rotation: 1 }).expect(200);
    await cloud.work();
    for (const day of ['16', '17', '18', '19']) await runAt(`2026-01-${day}T03:00:10Z`);
    const all = await backups();
    expect(all.map(({ name, status }) => [name, status])).toEqual([
      ['newinstance daily backup', 'active'],
      ['nightly 2026-01-18 03:00', 'active'],
      ['nightly 2026-01-19 03:00', 'active'],
    ]);
    expect(all.map((one) => one.schedule)).toEqual([null, id, id]);
    expect(all[0]?.id).toBe(byHand.headers['x-image-id']);
    expect(await get(id)).toMatchObject({
      next_run: '2026-01-20T05:00:00+02:00',
      last_run: '2026-01-19T05:00:10+02:00',
      last_result: {
        status: 'accepted',
        detail: 'The backup was accepted.',
        due_at: '2026-01-19T05:00:00+02:00',
        operation: expect.any(String),
        image: all[2]?.id,
      },
    });
    // One by hand leaves those of the schedule alone.
    await cloud.act(instance, 'create_backup', { backup_type: 'daily', rotation: 0 }).expect(200);
    await cloud.work();
    expect((await backups()).map((one) => one.schedule)).toEqual([id, id]);
  });

  it('a protected backup stays, and is not counted', async () => {
    await make({ rotation: 1 });
    await runAt('2026-01-16T03:00:00Z');
    const [first] = await backups();
    await service.staff.patch(`/staffapi/openstack/images/${first?.id}`, { protected: true }).expect(200);
    await runAt('2026-01-17T03:00:00Z');
    await runAt('2026-01-18T03:00:00Z');
    expect((await backups()).map(({ name }) => name)).toEqual([
      'daily backup 2026-01-16 03:00',
      'daily backup 2026-01-18 03:00',
    ]);
  });

  it('many workers at once make one backup, and one that dies leaves the time for the next', async () => {
    const { id } = await make();
    at('2026-01-16T03:00:10Z');
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
    await expect(sweepBackups(dying)).rejects.toThrow('killed');
    expect(await backups()).toEqual([]);
    expect((await get(id)).last_result).toBeNull();
    await Promise.all(Array.from({ length: 6 }, () => sweepBackups(service.ctx)));
    expect(await backups()).toHaveLength(1);
  });

  it('a refusal is said in its words, writes nothing, and the next time stands', async () => {
    const { id } = await make({}, service.user, USER);
    await cloud.act(instance, 'shelve').expect(200);
    await cloud.work();
    await runAt('2026-01-16T03:00:10Z');
    expect(await get(id)).toMatchObject({
      next_run: '2026-01-17T05:00:00+02:00',
      last_result: {
        status: 'refused',
        operation: null,
        image: null,
        detail: `Cannot 'createBackup' instance ${instance} while it is in vm_state shelved_offloaded`,
      },
    });
    expect(await backups()).toEqual([]);
    await cloud.act(instance, 'unshelve').expect(200);
    await cloud.work();
    await sql(service.db, `update client set hold = 'suspended' where id = $1`, [service.ownClient]);
    await runAt('2026-01-17T03:00:10Z');
    expect((await get(id)).last_result).toMatchObject({ status: 'refused', detail: 'Client is suspended.' });
    await service.user.patch(`${USER}/${id}`, { enabled: false }).expect(403);
    await sql(service.db, 'update client set hold = null');
    const quota = `/staffapi/openstack/quotas/${(await cloud.row<{ project_id: string }>(instance)).project_id}`;
    await service.staff.patch(quota, { backups: 0 }).expect(200);
    await runAt('2026-01-18T03:00:10Z');
    expect((await get(id)).last_result?.detail).toContain('Quota exceeded for backups');
    expect(await backups()).toEqual([]);
    await service.staff.patch(quota, { backups: null }).expect(200);
    // Neither a backup by hand nor one by a schedule is stopped by a lock.
    await service.user.post(`/api/openstack/instances/${instance}/lock`).expect(200);
    await runAt('2026-01-19T03:00:10Z');
    expect((await get(id)).last_result?.status).toBe('accepted');
  });

  it('what was missed runs once within the hour, and is skipped later', async () => {
    const { id } = await make();
    at('2026-01-16T03:59:00Z');
    await service.sweep('schedules.backup');
    await cloud.work();
    expect(await backups()).toHaveLength(1);
    at('2026-01-18T04:30:00Z');
    await service.sweep('schedules.backup');
    expect(await get(id)).toMatchObject({
      last_result: { status: 'skipped', detail: 'The time was missed by more than an hour.', image: null },
      next_run: '2026-01-19T05:00:00+02:00',
    });
    expect(await backups()).toHaveLength(1);
  });

  it.each([
    [{ type: 'weekly', day_of_week: 1, timezone: 'Europe/Bucharest' }, '2026-01-19T03:00:00+02:00'],
    [{ type: 'weekly' }, '2026-01-18T05:00:00+02:00'],
    [{ type: 'monthly' }, '2026-02-01T05:00:00+02:00'],
    [{ type: 'monthly', day_of_month: 15, run_at: '00:30', timezone: 'Asia/Tokyo' }, '2026-02-14T17:30:00+02:00'],
  ])('%j runs next at %s', async (more, next) => {
    expect((await make(more)).next_run).toBe(next);
  });

  it('PATCH: another type has days of its own, and is computed anew', async () => {
    const { id } = await make({ type: 'weekly', day_of_week: 3 });
    const res = await service.staff.patch(`${STAFF}/${id}`, { type: 'monthly', rotation: 5 }).expect(200);
    expect(res.body).toMatchObject({
      type: 'monthly',
      day_of_week: null,
      day_of_month: 1,
      rotation: 5,
      next_run: '2026-02-01T05:00:00+02:00',
    });
    expect((await service.staff.patch(`${STAFF}/${id}`, { enabled: false }).expect(200)).body).toMatchObject({
      enabled: false,
      next_run: null,
      day_of_month: 1,
    });
  });

  it('ends with the instance, and stays off after a move', async () => {
    const { id } = await make();
    await cloud.act(instance, 'move', { client: service.otherClient }).expect(200);
    expect(await get(id)).toMatchObject({ enabled: false, client: service.otherClient });
    await service.staff.delete(`/staffapi/openstack/instances/${instance}`).expect(200);
    await cloud.work();
    await service.staff.get(`${STAFF}/${id}`).expect(404);
    await service.sweep('schedules.backup');
    expect(await sql(service.db, 'select 1 from backup_schedule')).toEqual([]);
  });

  it('409: where no image can be made', async () => {
    const { actions } = service.ctx.drivers.of('Region1').capabilities;
    (actions as Set<string>).delete('snapshot');
    try {
      expect((await service.staff.post(STAFF, body()).expect(409)).body).toEqual({
        detail: 'create_backup is not supported in this region.',
      });
    } finally {
      (actions as Set<string>).add('snapshot');
    }
    await sql(service.db, `update region set enable_snapshots = false`);
    await service.staff.post(STAFF, body()).expect(409);
    await sql(service.db, `update region set enable_snapshots = true`);
  });

  it("404: another client's schedule looks absent, 400: so does its instance", async () => {
    const { id } = await make({}, service.user, USER);
    const [other, none] = [
      await service.stranger.get(`${USER}/${id}`),
      await service.stranger.get(`${USER}/${randomUUID()}`),
    ];
    expect([other.status, other.body]).toEqual([404, none.body]);
    const unknown = randomUUID();
    const [theirs, absent] = [
      await service.stranger.post(USER, body()).expect(400),
      await service.stranger.post(USER, body({ instance: unknown })).expect(400),
    ];
    expect(theirs.text.replaceAll(instance, 'ID')).toBe(absent.text.replaceAll(unknown, 'ID'));
  });

  it.each([
    ['a type that is none', { type: 'hourly' }, 'type'],
    ['no time', { run_at: '24:00' }, 'run_at'],
    ['a short time', { run_at: '3:00' }, 'run_at'],
    ['a day that a daily one has not', { day_of_week: 1 }, 'day_of_week'],
    ['a day of the month of a weekly one', { type: 'weekly', day_of_month: 1 }, 'day_of_month'],
    ['an eighth day', { type: 'weekly', day_of_week: 7 }, 'day_of_week'],
    ['a rotation of none', { rotation: 0 }, 'rotation'],
    ['a zone that is none', { timezone: 'Mars/Base' }, 'timezone'],
    ['an instance that is none', { instance: 'x' }, 'instance'],
    ['a prefix that is too long', { name_prefix: 'x'.repeat(201) }, 'name_prefix'],
  ])('400: %s', async (_name, more, field) => {
    const res = await service.staff.post(STAFF, body(more)).expect(400);
    expect(Object.keys(res.body as object)).toEqual([field]);
  });
});
