import { randomUUID } from 'node:crypto';
import { run, sql } from '@nefos/service-kit';
import type { PowerTarget } from '../../src/bmc/domain/driver.js';
import { stepPower } from '../../src/bmc/domain/power-job.js';
import { requestPower, type PowerWish } from '../../src/bmc/domain/power-orders.js';
import type { IntrospectionCtx } from '../../src/ctx.js';
import { useService } from '../support.js';
import { addNode, auditOf, machineOf, nodeRow } from './nodes.js';

describe('power orders', () => {
  const service = useService();
  const actor = randomUUID();
  const order = (uuid: string, target: PowerTarget, wish: Partial<PowerWish> = {}) =>
    service.db.transaction((tx) => requestPower(service.ctx, tx, uuid, { target, actor, ...wish }));
  const orderRow = async (uuid: string) =>
    (
      await sql<{ step: string; error: string | null; attempts: number }>(
        service.db,
        'select step, error, attempts from power_order where node_uuid = $1',
        [uuid],
      )
    )[0];
  /** The jobs that orders started when they ended; nobody handles them here. */
  const started = (node: string) =>
    sql<{ payload: Record<string, unknown> }>(
      service.db,
      `select j.payload from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
      where t.identifier = 'test.ended' and j.payload->>'node' = $1`,
      [node],
    );
  const then = (node: string) => ({ task: 'test.ended', payload: { node, mine: 7 } });
  afterEach(() => run(service.db, 'delete from graphile_worker._private_jobs'));

  it.each<[PowerTarget, string, string, number]>([
    ['power on', 'power off', 'power on', 1],
    ['power on', 'power on', 'power on', 0],
    ['power off', 'power on', 'power off', 0],
    ['power off', 'power off', 'power off', 0],
    ['rebooting', 'power on', 'power on', 1],
    ['rebooting', 'power off', 'power on', 1],
    ['soft power off', 'power on', 'power off', 0],
    ['soft rebooting', 'power on', 'power on', 1],
  ])('%s of a machine that is %s ends %s, switched on %d times', async (target, before, after, times) => {
    const uuid = await addNode(service, 'fake-hardware', {}, { power: before });
    const id = await order(uuid, target, { then: then(uuid) });
    expect(await nodeRow(service, uuid)).toMatchObject({ target_power_state: target });
    await service.work();
    expect(await machineOf(service, uuid)).toMatchObject({ power_state: after, powered_on: times });
    expect(await nodeRow(service, uuid)).toMatchObject({ power_state: after, target_power_state: null });
    expect(await orderRow(uuid)).toBeUndefined();
    expect((await started(uuid)).map(({ payload }) => payload)).toEqual([{ node: uuid, mine: 7, order: id, ok: 1 }]);
    expect(await auditOf(service, uuid)).toMatchObject([
      { actor, operation: 'bmc.power', result: 'accepted', details: { order: id, target } },
      { actor, operation: 'bmc.power', result: 'done', details: { order: id, target } },
    ]);
  });
  it('sets the boot device first', async () => {
    const uuid = await addNode(service, 'fake-hardware', {}, { power: 'power on' });
    await order(uuid, 'rebooting', { bootDevice: 'pxe', persistent: true });
    await service.work();
    expect(await machineOf(service, uuid)).toMatchObject({ boot_device: 'pxe', persistent: true, powered_on: 1 });
  });
  it('409: a node has one at a time', async () => {
    const uuid = await addNode(service, 'fake-hardware');
    await order(uuid, 'power on');
    await expect(order(uuid, 'power off')).rejects.toMatchObject({ kind: 'conflict', code: 'node.busy' });
    await service.work();
    await order(uuid, 'power off');
    await service.work();
    expect(await machineOf(service, uuid)).toMatchObject({ power_state: 'power off', powered_on: 1 });
  });
  it('does not begin before its time', async () => {
    const uuid = await addNode(service, 'fake-hardware');
    await order(uuid, 'power on', { runAt: new Date(Date.now() + 3_600_000) });
    await service.work(3);
    expect(await machineOf(service, uuid)).toMatchObject({ powered_on: 0 });
    await run(service.db, 'update power_order set begins_at = now() where node_uuid = $1', [uuid]);
    await service.work();
    expect(await machineOf(service, uuid)).toMatchObject({ powered_on: 1 });
  });
  it('a machine that is deleted meanwhile takes its order along', async () => {
    const uuid = await addNode(service, 'fake-hardware');
    await order(uuid, 'power on');
    await run(service.db, 'delete from node where uuid = $1', [uuid]);
    await service.work();
    expect(await orderRow(uuid)).toBeUndefined();
  });

  describe('that fail', () => {
    const failed = async (uuid: string) => {
      const [ended] = await started(uuid);
      return { ...ended?.payload, last: (await nodeRow(service, uuid))?.last_error };
    };
    it('say why: the BMC refuses', async () => {
      const uuid = await addNode(service, 'fake-hardware', { fake_fail: 'set_boot_device' });
      await order(uuid, 'rebooting', { bootDevice: 'pxe', then: then(uuid) });
      await service.work();
      const error = 'The simulated BMC fails at set_boot_device, as fake_fail says.';
      expect(await failed(uuid)).toMatchObject({ ok: 0, error, last: error });
      expect(await machineOf(service, uuid)).toMatchObject({ powered_on: 0, boot_device: 'disk' });
      expect((await auditOf(service, uuid)).at(-1)).toMatchObject({ result: 'refused' });
    });
    it('a BMC that is away is tried five times', async () => {
      const uuid = await addNode(service, 'fake-hardware', { fake_fail: 'power_state:unreachable' });
      await order(uuid, 'power on', { then: then(uuid) });
      for (let attempt = 1; attempt <= 4; attempt += 1) {
        await service.work(1);
        expect(await orderRow(uuid)).toMatchObject({ step: 'look', attempts: attempt });
      }
      await service.work(1);
      expect(await orderRow(uuid)).toBeUndefined();
      expect(await failed(uuid)).toMatchObject({ ok: 0, error: expect.stringContaining('power_state') as string });
    });
    it('trouble that passes counts no longer', async () => {
      const uuid = await addNode(service, 'fake-hardware', { fake_fail: 'power_on:unreachable' });
      await order(uuid, 'power on');
      await service.work(3);
      expect(await orderRow(uuid)).toMatchObject({ step: 'on_sent' });
      await run(service.db, `update node set driver_info = '{}' where uuid = $1`, [uuid]);
      await service.work();
      expect(await machineOf(service, uuid)).toMatchObject({ powered_on: 1, power_state: 'power on' });
      expect(await nodeRow(service, uuid)).toMatchObject({ power_state: 'power on', last_error: null });
    });
    it('a machine that does not change: after the deadline', async () => {
      const uuid = await addNode(service, 'fake-hardware', { fake_delay_ms: 60_000 });
      await order(uuid, 'power on', { then: then(uuid) });
      await service.work(3);
      expect(await orderRow(uuid)).toMatchObject({ step: 'on_sent' });
      await run(service.db, `update power_order set deadline_at = now() - interval '1 s' where node_uuid = $1`, [uuid]);
      await service.work();
      expect(await failed(uuid)).toMatchObject({ ok: 0, error: 'The machine did not reach "power on" in time.' });
      expect((await auditOf(service, uuid)).at(-1)).toMatchObject({ result: 'timeout' });
    });
    it('a BMC that says "later" is asked until the deadline', async () => {
      const uuid = await addNode(service, 'fake-hardware', { fake_fail: 'power_on:busy' });
      await order(uuid, 'power on', { then: then(uuid) });
      await service.work(10);
      expect(await orderRow(uuid)).toMatchObject({ step: 'on_sent', attempts: 0 });
      await run(service.db, `update power_order set deadline_at = now() - interval '1 s' where node_uuid = $1`, [uuid]);
      await service.work();
      expect(await failed(uuid)).toMatchObject({
        ok: 0,
        error: expect.stringContaining('in time: The simu') as string,
      });
    });
    it('a node without power control', async () => {
      const uuid = await addNode(service, 'manual');
      await order(uuid, 'power off', { then: then(uuid), bootDevice: 'pxe' });
      await service.work();
      expect(await failed(uuid)).toMatchObject({ ok: 0, error: expect.stringContaining('manual') as string });
    });
    it('a driver that is gone', async () => {
      const uuid = await addNode(service, 'old-driver');
      await order(uuid, 'power off', { then: then(uuid) });
      await service.work();
      expect(await failed(uuid)).toMatchObject({ ok: 0, error: 'There is no driver old-driver.' });
    });
  });

  describe('and processes that die', () => {
    const signal = new AbortController().signal;
    /** The context of a process that dies at its n-th question to the database: what follows does not happen. */
    const dying = (at: number): { ctx: IntrospectionCtx; died: () => boolean } => {
      let left = at;
      let isDead = false;
      const dead = (): never => {
        isDead = true;
        throw new Error('the process is dead');
      };
      const tick = (): void => {
        if (isDead || left-- <= 0) dead();
      };
      const { db } = service;
      const pool = new Proxy(db.pool, {
        get: (pool, key) => {
          const value: unknown = Reflect.get(pool, key);
          if (key !== 'query') return typeof value === 'function' ? (value as () => void).bind(pool) : value;
          return (...args: unknown[]) => {
            tick();
            return (value as (...args: unknown[]) => unknown).apply(pool, args);
          };
        },
      });
      const transaction: typeof db.transaction = (work) => {
        tick();
        return db.transaction(work);
      };
      return { ctx: { ...service.ctx, db: { ...db, pool, transaction } }, died: () => isDead };
    };
    it.each<[PowerTarget, string]>([
      ['rebooting', 'power on'],
      ['rebooting', 'power off'],
      ['power on', 'power off'],
    ])(
      'at any point of "%s" of a machine that is %s: it is switched on once, and what follows once',
      async (target, before) => {
        let deaths = 0;
        for (let at = 0; at < 80; at += 1) {
          const uuid = await addNode(service, 'fake-hardware', {}, { power: before });
          const id = await order(uuid, target, { bootDevice: 'pxe', then: then(uuid) });
          const { ctx, died } = dying(at);
          // One process goes on until it dies; the turn that it had ends; another goes on.
          for (let round = 0; round < 8 && !died(); round += 1)
            await stepPower(ctx, uuid, signal).catch(() => undefined);
          if (died()) deaths += 1;
          await run(service.db, 'update bmc_turn set until = now() where address = $1', [uuid]);
          // What was marked as sent is sent again when nothing came of it for a while.
          await run(service.db, `update power_order set step_at = now() - interval '1 min' where node_uuid = $1`, [
            uuid,
          ]);
          for (let round = 0; round < 8; round += 1) await stepPower(service.ctx, uuid, signal);
          expect([at, await machineOf(service, uuid)]).toMatchObject([at, { power_state: 'power on', powered_on: 1 }]);
          expect([at, (await started(uuid)).map(({ payload }) => payload)]).toEqual([
            at,
            [{ node: uuid, mine: 7, order: id, ok: 1 }],
          ]);
          if (!died()) break;
        }
        expect(deaths).toBeGreaterThan(10);
        expect(deaths).toBeLessThan(80);
      },
    );
    it('two at once: one step at a time, one end', async () => {
      const uuid = await addNode(service, 'fake-hardware', {}, { power: 'power on' });
      await order(uuid, 'rebooting', { then: then(uuid) });
      for (let round = 0; round < 8; round += 1)
        await Promise.all([1, 2, 3].map(() => stepPower(service.ctx, uuid, signal)));
      expect(await machineOf(service, uuid)).toMatchObject({ power_state: 'power on', powered_on: 1 });
      expect(await started(uuid)).toHaveLength(1);
    });
    it('a turn that its holder can not give back any more ends by itself', async () => {
      const uuid = await addNode(service, 'fake-hardware');
      await order(uuid, 'power on');
      await run(service.db, `insert into bmc_turn values ($1, $2, now() + interval '1 hour', null)`, [
        uuid,
        randomUUID(),
      ]);
      await service.work(3);
      expect(await machineOf(service, uuid)).toMatchObject({ powered_on: 0 });
      await run(service.db, 'update bmc_turn set until = now() where address = $1', [uuid]);
      await service.work();
      expect(await machineOf(service, uuid)).toMatchObject({ powered_on: 1 });
    });
    it('an order whose job is gone gets one again', async () => {
      const uuid = await addNode(service, 'fake-hardware');
      await order(uuid, 'power on');
      await run(service.db, 'delete from graphile_worker._private_jobs');
      expect(await service.sweep('bmc.power_orders')).toBe(0);
      await run(
        service.db,
        `update power_order set step_at = now() - interval '5 min', begins_at = now() - interval '5 min',
          deadline_at = now() + interval '1 min' where node_uuid = $1`,
        [uuid],
      );
      expect(await service.sweep('bmc.power_orders')).toBe(1);
      await service.work();
      expect(await machineOf(service, uuid)).toMatchObject({ powered_on: 1 });
    });
    it('an order whose job is out of attempts ends after its deadline', async () => {
      const uuid = await addNode(service, 'fake-hardware');
      await order(uuid, 'power on', { then: then(uuid), timeoutSeconds: 7 });
      await run(service.db, 'update graphile_worker._private_jobs set attempts = max_attempts');
      await run(
        service.db,
        `update power_order set step_at = now() - interval '5 min', begins_at = now() - interval '5 min',
          deadline_at = now() - interval '1 min' where node_uuid = $1 and timeout_seconds = 7`,
        [uuid],
      );
      expect(await service.sweep('bmc.power_orders')).toBe(1);
      expect((await started(uuid)).map(({ payload }) => payload)).toMatchObject([{ ok: 0 }]);
    });
  });
});
