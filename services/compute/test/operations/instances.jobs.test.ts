import { sql } from '@nefos/service-kit';
import { runOperation } from '../../src/operations/domain/run.js';
import { beginAttempts } from '../../src/operations/store/instance-state.js';
import { checkPowerState, sweepPower } from '../../src/operations/domain/power.js';
import { withoutJob } from '../../src/operations/domain/accept.js';
import { sweepStuck } from '../../src/operations/domain/stuck.js';
import { STAFF, useCloud } from '../cloud-support.js';
import { Died, mortal } from './mortal.js';

const signal = new AbortController().signal;
describe('instance.run', () => {
  const cloud = useCloud();
  const { service } = cloud;
  const operationOf = async (id: string): Promise<string> => (await cloud.row(id)).operation_id;
  const types = async (id: string) => (await cloud.events(id)).map((one) => one.type.replace('instance.', ''));
  const fresh = async (more?: object) => cloud.build(more, await service.seedClient());

  it('does it; twice is once', async () => {
    const { id, operation } = await cloud.ask({}, await service.seedClient());
    await runOperation(service.ctx, operation, signal);
    await Promise.all([runOperation(service.ctx, operation, signal), cloud.work()]);
    expect(await cloud.row(id)).toMatchObject({ vm_state: 'active', task_state: null, power_state: 1 });
    expect(await cloud.machines(id)).toEqual([{ boots: 1 }]);
    expect(await types(id)).toEqual(['power_on']);
  });

  it('a job whose turn may be another one changes nothing more: neither at the hypervisor nor in its row', async () => {
    const { id, operation } = await cloud.ask({}, await service.seedClient());
    const turn = new AbortController();
    turn.abort(new Error('the turn is lost'));
    await expect(runOperation(service.ctx, operation, signal, turn.signal)).rejects.toThrow('the turn is lost');
    expect(await cloud.machines(id)).toEqual([]);
    expect(await cloud.row(id)).toMatchObject({ vm_state: 'building' });
    await cloud.work();
    expect(await cloud.machines(id)).toEqual([{ boots: 1 }]);
    expect(await cloud.row(id)).toMatchObject({ vm_state: 'active', task_state: null });
  });
  it('of two processes that both believe to have the turn, one begins the attempt', async () => {
    const { id, operation } = await cloud.ask({}, await service.seedClient());
    const one = { instanceId: id, operationId: operation, taskState: 'spawning', steps: [], attempts: 0 } as const;
    // Each alone, as two processes would: those of one process go together.
    const begun = await Promise.all([beginAttempts(service.db, [one]), beginAttempts(service.db, [one])]);
    expect(begun.flat().sort()).toEqual([false, true]);
    expect(await beginAttempts(service.db, [one, { ...one, attempts: 7 }])).toEqual([false, false]);
    // Whoever comes next reads how many there were.
    await cloud.work();
    expect(await cloud.machines(id)).toEqual([{ boots: 1 }]);
    expect(await cloud.row(id)).toMatchObject({ vm_state: 'active', task_state: null });
  });
  it('one whose instance is locked for long holds up none of the others', async () => {
    const asked: { id: string; operation: string }[] = [];
    for (let n = 0; n < 6; n += 1) asked.push(await cloud.ask({ name: `many-${n}` }, await service.seedClient()));
    const [first, ...others] = asked;
    let ended = false;
    let run: Promise<void> | undefined;
    await service.db.transaction(async (tx) => {
      await sql(tx, 'select 1 from instance where id = $1 for update', [first?.id]);
      const runs = asked.map(({ operation }) => runOperation(service.ctx, operation, signal));
      run = runs.shift()?.then(() => {
        ended = true;
      });
      await Promise.all(runs);
      for (const { id } of others) expect(await cloud.row(id)).toMatchObject({ vm_state: 'active', task_state: null });
      expect(ended).toBe(false);
    });
    await run;
    expect(await cloud.row(first?.id ?? '')).toMatchObject({ vm_state: 'active', task_state: null });
  });
  it('those that are ended at once are locked in one order, whatever their own', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 20; n += 1) ids.push(await cloud.build({ name: `turn-${n}` }, await service.seedClient()));
    const operations: string[] = [];
    for (const id of ids) {
      await cloud.act(id, 'pause').expect(200);
      operations.push(await operationOf(id));
    }
    let over = false;
    // As a client's end does: row after row, by id.
    const locking = (async () => {
      while (!over)
        await service.db.transaction(async (tx) => {
          for (const id of [...ids].sort()) await sql(tx, 'update instance set updated_at = now() where id = $1', [id]);
        });
    })();
    await Promise.all(operations.reverse().map((one) => runOperation(service.ctx, one, signal)));
    over = true;
    await locking;
    for (const id of ids) expect(await cloud.row(id)).toMatchObject({ vm_state: 'paused', task_state: null });
  });

  for (const when of ['before', 'after'] as const) {
    it(`create: dies ${when} each of its steps, and there is still one machine, active, metered once`, async () => {
      for (let n = 1; ; n += 1) {
        const { id, operation } = await cloud.ask({ name: `dies-${n}` }, await service.seedClient());
        const { ctx, died } = mortal(service.ctx, n, when);
        await runOperation(ctx, operation, signal).catch((err: unknown) => {
          if (!(err instanceof Died)) throw err;
        });
        const survived = !died();
        await cloud.work();
        expect(await cloud.row(id)).toMatchObject({ vm_state: 'active', task_state: null, power_state: 1 });
        expect(await cloud.machines(id)).toMatchObject([{ boots: 1 }]);
        expect(await types(id)).toEqual(['power_on']);
        if (survived) {
          expect(n).toBeGreaterThan(6);
          return;
        }
      }
    });
    it(`stop, reboot and delete: die ${when} each of their steps, and end as wanted, each fact told once`, async () => {
      for (const [action, wanted, facts] of [
        ['stop', 'stopped', ['power_on', 'power_off']],
        ['reboot', 'active', ['power_on']],
        ['delete', 'deleted', ['power_on', 'deleted']],
      ] as const)
        for (let n = 1; ; n += 1) {
          const id = await fresh();
          await (action === 'delete' ? service.staff.delete(`${STAFF}/${id}`) : cloud.act(id, action)).expect(200);
          const { ctx, died } = mortal(service.ctx, n, when);
          await runOperation(ctx, await operationOf(id), signal).catch((err: unknown) => {
            if (!(err instanceof Died)) throw err;
          });
          const survived = !died();
          await cloud.work();
          expect(await cloud.row(id)).toMatchObject({ vm_state: wanted, task_state: null });
          expect(await cloud.machines(id)).toHaveLength(wanted === 'deleted' ? 0 : 1);
          expect(await types(id)).toEqual(facts);
          if (survived) {
            // Else the steps were not counted, and nothing died.
            expect([action, n > 6]).toEqual([action, true]);
            break;
          }
        }
    });
  }

  it('heals when every job row is deleted by hand', async () => {
    const ids = [];
    const client = await service.seedClient();
    const stopped = await fresh();
    await cloud.act(stopped, 'stop').expect(200);
    for (let i = 0; i < 3; i += 1) ids.push((await cloud.ask({}, client)).id);
    await sql(service.db, 'delete from graphile_worker._private_jobs');
    await cloud.work();
    expect((await cloud.row(stopped)).task_state).toBe('powering-off');
    expect(await sweepStuck(service.ctx)).toMatchObject({ requeued: 0 }); // not due yet
    await sql(service.db, `update operation set next_check_at = now() where status in ('pending', 'running')`);
    expect(await sweepStuck(service.ctx)).toEqual({ due: 4, requeued: 4, orphaned: 0 });
    expect(await sweepStuck(service.ctx)).toMatchObject({ due: 0 });
    await cloud.work();
    expect(await Promise.all([...ids, stopped].map(async (id) => (await cloud.row(id)).vm_state))).toEqual([
      'active',
      'active',
      'active',
      'stopped',
    ]);
  });
  it('what has ended since it was found due, or has a job, gets none', async () => {
    const client = await service.seedClient();
    const ended = (await cloud.ask({}, client)).operation;
    await cloud.work();
    const waits = (await cloud.ask({}, client)).operation;
    const lost = (await cloud.ask({}, client)).operation;
    await sql(service.db, 'delete from graphile_worker._private_jobs where key = $1', [`operation:${lost}`]);
    const due = [ended, waits, lost].map((id) => ({ id }));
    expect(await withoutJob(service.db, due)).toEqual([{ id: lost }]);
    expect(await withoutJob(service.db, [])).toEqual([]);
    // A job that is out of attempts carries nothing on any more.
    await sql(service.db, 'update graphile_worker._private_jobs set attempts = max_attempts');
    expect(await withoutJob(service.db, due)).toEqual([{ id: waits }, { id: lost }]);
  });
  it('a task that belongs to no operation is ended; an interrupted delete goes on; a held instance stops', async () => {
    const [active, held, deleting] = [await fresh(), await fresh(), await fresh()];
    const building = (await cloud.ask({}, await service.seedClient())).id;
    for (const id of [active, held]) await cloud.act(id, 'reboot');
    await sql(service.db, 'update instance set held = true where id = $1', [held]);
    await service.staff.delete(`${STAFF}/${deleting}`);
    await sql(service.db, `delete from operation where instance_id = any($1)`, [[building, active, held, deleting]]);
    await sql(service.db, 'delete from graphile_worker._private_jobs');
    expect(await sweepStuck(service.ctx)).toMatchObject({ orphaned: 4 });
    await cloud.work();
    expect(
      await Promise.all([building, active, held, deleting].map(async (id) => (await cloud.row(id)).vm_state)),
    ).toEqual(['error', 'active', 'stopped', 'deleted']);
  });
  it('a machine that comes late is waited for in slices, not in one', async () => {
    const { id } = await cloud.ask({ name: 'slow sim:delay_ms=60000' }, await service.seedClient());
    const begun = performance.now();
    await cloud.work();
    expect(performance.now() - begun).toBeLessThan(10_000);
    expect(await cloud.row(id)).toMatchObject({ vm_state: 'building', task_state: 'spawning' });
    await sql(service.db, 'update sim_machine set changes_at = now() where portal_id = $1', [id]);
    await sql(service.db, 'update graphile_worker._private_jobs set run_at = now()');
    await cloud.work();
    expect(await cloud.row(id)).toMatchObject({ vm_state: 'active', task_state: null });
  });
  it('a delete overtakes a build that is under way', async () => {
    const { id, operation } = await cloud.ask({ name: 'slow sim:delay_ms=600000' }, await service.seedClient());
    const building = runOperation(service.ctx, operation, signal);
    while ((await cloud.row(id)).task_state !== 'spawning')
      await new Promise((r) => {
        setTimeout(r, 5);
      });
    await service.staff.delete(`${STAFF}/${id}`).expect(200);
    const begun = performance.now();
    await building;
    expect(performance.now() - begun).toBeLessThan(1000);
    await sql(service.db, `update sim_machine set name = 'vm' where portal_id = $1`, [id]);
    await cloud.work();
    expect(await cloud.row(id)).toMatchObject({ vm_state: 'deleted' });
    expect(await cloud.machines(id)).toEqual([]);
  });
  it('what a repetition heals is repeated, with growing pauses; what it does not is not', async () => {
    const { id, operation } = await cloud.ask({ name: 'vm sim:fail=spawn@2' }, await service.seedClient());
    for (let i = 0; i < 2; i += 1) {
      await cloud.work();
      expect(await cloud.row(id)).toMatchObject({ vm_state: 'building' });
      expect(
        (
          await sql<{ wait: number; error: object }>(
            service.db,
            `select extract(epoch from j.run_at - now())::float8 wait, o.error from graphile_worker.jobs j, operation o where o.id = $1`,
            [operation],
          )
        )[0],
      ).toMatchObject({ error: { code: 'internal' } });
      await sql(service.db, 'update graphile_worker._private_jobs set run_at = now()');
    }
    await cloud.work();
    expect(await cloud.row(id)).toMatchObject({ vm_state: 'active' });
    expect((await service.staff.get(`/staffapi/operations/${operation}`)).body).toMatchObject({
      status: 'completed',
      attempts: 3,
      error: null,
    });
    const broken = await fresh({ name: 'vm sim:fail=spawn' });
    expect(await cloud.row(broken)).toMatchObject({
      vm_state: 'error',
      fault: { code: 'internal', message: 'Simulated failure of spawn.' },
    });
  });
  it('a stop that fails leaves the instance running', async () => {
    const id = await fresh({ name: 'vm sim:fail=stop' });
    await cloud.act(id, 'stop').expect(200);
    await cloud.work();
    expect(await cloud.row(id)).toMatchObject({ vm_state: 'active', task_state: null, fault: null });
    expect((await service.staff.get(`${STAFF}/${id}/history`)).body.objects[0]).toMatchObject({
      type: 'instance.stop',
      status: 'failed',
      error: { code: 'internal' },
    });
    expect(await types(id)).toEqual(['power_on']);
  });
  it('a deadline that has passed fails the operation as the contract says; a delete has none', async () => {
    const [guest, gone] = [
      await fresh({ name: 'vm sim:guest-ignores-acpi' }),
      await fresh({ name: 'vm sim:fail=delete@1' }),
    ];
    const { id } = await cloud.ask({ name: 'slow sim:delay_ms=600000' }, await service.seedClient());
    await cloud.work();
    await cloud.act(guest, 'stop').expect(200);
    await service.staff.delete(`${STAFF}/${gone}`).expect(200);
    await sql(
      service.db,
      `update operation set deadline_at = now() - interval '1 s' where status in ('pending', 'running')`,
    );
    await sql(service.db, 'update graphile_worker._private_jobs set run_at = now()');
    await cloud.work();
    await sql(service.db, 'update graphile_worker._private_jobs set run_at = now()');
    await cloud.work();
    expect(await cloud.row(id)).toMatchObject({ vm_state: 'error', task_state: null, fault: { code: 'timeout' } });
    expect(await cloud.row(guest)).toMatchObject({ vm_state: 'active', task_state: null });
    expect(await cloud.row(gone)).toMatchObject({ vm_state: 'deleted' });
  });
  it('a machine that is gone puts its instance into error and off the meter', async () => {
    const id = await fresh();
    await sql(service.db, 'delete from sim_machine where portal_id = $1', [id]);
    await cloud.act(id, 'reboot').expect(200);
    await cloud.work();
    expect(await cloud.row(id)).toMatchObject({ vm_state: 'error', power_state: 0 });
    expect(await types(id)).toEqual(['power_on', 'power_off']);
  });
});

describe('power states (contract §7.3)', () => {
  const cloud = useCloud();
  const { service } = cloud;
  const fresh = async (more?: object) => cloud.build(more, await service.seedClient());
  const power = (id: string, state: number) =>
    sql(
      service.db,
      'update sim_machine set power_state = $2, target_state = null, task = null, changes_at = null where portal_id = $1',
      [id, state],
    );

  it('a guest that shut itself down is stopped, by the word of the driver', async () => {
    const id = await fresh();
    await service.staff.post(`/staffapi/openstack/simulator/instances/${id}/power_off`).expect(200);
    await cloud.work();
    expect(await cloud.row(id)).toMatchObject({ vm_state: 'stopped', task_state: null, power_state: 4 });
    expect((await cloud.events(id)).map((one) => one.type)).toEqual(['instance.power_on', 'instance.power_off']);
    await service.user.post(`/staffapi/openstack/simulator/instances/${id}/power_off`).expect(403);
  });
  it('the sweep: crashed is stopped, stopped and running is stopped again, paused and off is stopped, the rest is left alone', async () => {
    const [crashed, risen, paused, odd, fine] = [
      await fresh(),
      await fresh(),
      await fresh(),
      await fresh(),
      await fresh(),
    ];
    await cloud.act(risen, 'stop');
    await cloud.act(paused, 'pause');
    await cloud.work();
    await power(crashed, 6);
    await power(risen, 1);
    await power(paused, 4);
    await power(odd, 3);
    expect(await sweepPower(service.ctx)).toMatchObject({ checked: 4 });
    await cloud.work();
    expect(
      await Promise.all([crashed, risen, paused, odd, fine].map(async (id) => (await cloud.row(id)).vm_state)),
    ).toEqual(['stopped', 'stopped', 'stopped', 'active', 'active']);
    expect((await service.ctx.drivers.of('Region1').get({ portalId: risen, backendId: null }))?.powerState).toBe(4);
    expect((await cloud.row(odd)).power_state).toBe(3);
  });
  it('an operation that came and went during the look wins over what was seen', async () => {
    const id = await fresh();
    await cloud.act(id, 'stop');
    await cloud.work();
    const off = await service.ctx.drivers.of('Region1').get({ portalId: id, backendId: null });
    const driver = {
      ...service.ctx.drivers.of('Region1'),
      get: async () => {
        await cloud.act(id, 'start').expect(200);
        await cloud.work();
        return off;
      },
    };
    await checkPowerState({ ...service.ctx, drivers: { ...service.ctx.drivers, of: () => driver } }, id);
    await cloud.work();
    expect(await cloud.row(id)).toMatchObject({ vm_state: 'active', task_state: null, power_state: 1 });
  });
  it('what a failed build left behind is cleared away', async () => {
    const id = await fresh();
    await sql(service.db, `update instance set vm_state = 'error', launched_at = null where id = $1`, [id]);
    expect(await sweepPower(service.ctx)).toMatchObject({ destroyed: 1 });
    expect(await cloud.machines(id)).toEqual([]);
  });
});
