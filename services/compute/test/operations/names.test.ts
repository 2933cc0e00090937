import { sql } from '@nefos/service-kit';
import { createBody, IMAGE, STAFF, useCloud } from '../cloud-support.js';

describe("a machine has its instance's name", () => {
  const cloud = useCloud();
  const { service } = cloud;
  const nameOf = async (id: string) =>
    (await sql<{ name: string }>(service.db, 'select name from sim_machine where portal_id = $1', [id]))[0]?.name;
  const jobs = (id: string) =>
    sql(service.db, `select 1 from graphile_worker.jobs where key = 'instance.rename:' || $1`, [id]);
  /** As if the time of what waits had come. */
  const hurry = () =>
    sql(service.db, 'update graphile_worker._private_jobs set run_at = now() where locked_at is null');
  const fresh = async () => cloud.build({}, await service.seedClient());

  it('it is renamed, by PATCH and by the action, whatever its state', async () => {
    const id = await fresh();
    await service.staff.patch(`${STAFF}/${id}`, { name: 'second' }).expect(200);
    await cloud.work();
    expect(await nameOf(id)).toBe('second');
    await cloud.act(id, 'stop').expect(200);
    await cloud.act(id, 'rename', { name: 'third' }).expect(200);
    await cloud.act(id, 'rename', { name: 'fourth' }).expect(200);
    await cloud.work();
    expect(await nameOf(id)).toBe('fourth');
    expect(await cloud.row(id)).toMatchObject({ vm_state: 'stopped', task_state: null, power_state: 4 });
  });
  it('what names nothing and what is refused has no job', async () => {
    const id = await fresh();
    await service.staff.patch(`${STAFF}/${id}`, { description: 'new' }).expect(200);
    await service.staff.patch(`${STAFF}/${id}`, { name: '' }).expect(400);
    expect(await jobs(id)).toEqual([]);
  });
  it('one that is being built or rebuilt gets it afterwards', async () => {
    const res = await service.staff.post(STAFF, createBody({ client: await service.seedClient() })).expect(201);
    const { id } = res.body as { id: string };
    await cloud.act(id, 'rename', { name: 'later' }).expect(200);
    await cloud.work();
    await hurry();
    await cloud.work();
    expect(await nameOf(id)).toBe('later');
    // The name that is asked for last, as the portal shows it, is the rebuild's: it ends last.
    await cloud.act(id, 'rebuild', { image: IMAGE, name: 'rebuilt' }).expect(200);
    await cloud.act(id, 'rename', { name: 'between' }).expect(200);
    await cloud.work();
    await hurry();
    await cloud.work();
    const { name } = await cloud.row<{ name: string }>(id);
    expect([name, await nameOf(id)]).toEqual(['rebuilt', 'rebuilt']);
  });
  it('a lost job, and a machine that somebody renamed, are found', async () => {
    const id = await fresh();
    await cloud.act(id, 'rename', { name: 'lost' }).expect(200);
    await sql(service.db, 'delete from graphile_worker._private_jobs');
    await service.sweep('instances.power');
    await cloud.work();
    expect(await nameOf(id)).toBe('lost');
    await sql(service.db, `update sim_machine set name = 'theirs' where portal_id = $1`, [id]);
    await service.sweep('instances.power');
    await cloud.work();
    expect(await nameOf(id)).toBe('lost');
    await service.sweep('instances.power');
    expect(await jobs(id)).toEqual([]);
  });
  it('a deleted instance leaves no job that fails', async () => {
    const id = await fresh();
    await cloud.act(id, 'rename', { name: 'gone' }).expect(200);
    await service.staff.delete(`${STAFF}/${id}`).expect(200);
    await cloud.work();
    expect([await cloud.machines(id), await jobs(id)]).toEqual([[], []]);
  });
});
