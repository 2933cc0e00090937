import { randomUUID } from 'node:crypto';
import { sql } from '@nefos/service-kit';
import { countReadings } from '../../src/traffic/domain/count.js';
import { sweepTraffic } from '../../src/traffic/domain/poll.js';
import { createBody, FLAVOR, STAFF, USER, useCloud } from '../cloud-support.js';
import type { As } from '../support.js';

interface Shown {
  status: string;
  current_month_traffic: number;
  current_cycle_traffic: number;
  traffic_limit_bytes: number | null;
  traffic_action: string;
  traffic_blocked: boolean;
}
/** Simulated bytes of a millisecond, both ways together. */
const RATE = 15;

describe('traffic', () => {
  const cloud = useCloud();
  const { service } = cloud;
  let instance: string;
  const at = (time: string): void => service.clock.set(time);
  /** The machine has run for so long; its counters stand there. */
  const ran = (ms: number, id = instance) =>
    sql(
      service.db,
      `update sim_machine set up_ms = $2, up_at = now(), power_state = 4, target_state = null, task = null,
        changes_at = null where portal_id = $1`,
      [id, ms],
    );
  const due = () =>
    sql(service.db, 'update traffic set next_read_at = now() where next_read_at is not null', []).then(() => undefined);
  const read = async (): Promise<void> => {
    await due();
    await service.sweep('traffic.read');
  };
  /** The instance, with what its traffic says. */
  const get = async (id = instance, as: As = service.staff, path = STAFF): Promise<Shown> => ({
    ...((await as.get(`${path}/${id}/traffic`).expect(200)).body as Shown),
    ...((await as.get(`${path}/${id}`).expect(200)).body as Shown),
  });
  const days = () =>
    sql<{ day: string; rx: string; tx: string }>(
      service.db,
      'select day, rx_bytes::text rx, tx_bytes::text tx from traffic_day where instance_id = $1 order by day',
      [instance],
    );
  const events = () =>
    sql<{ type: string; data: Record<string, unknown> }>(
      service.db,
      `select type, data from event where object_id = $1 and type = 'instance.traffic_limit' order by sequence`,
      [instance],
    );
  beforeEach(async () => {
    at('2026-01-15T12:00:00Z');
    instance = await cloud.build();
    await ran(0);
    await read();
  });
  afterEach(async () => {
    await sql(service.db, 'delete from service_cycle');
    await sql(service.db, `update instance set vm_state = 'deleted', task_state = null`);
    await sql(service.db, 'delete from traffic');
    await sql(service.db, `update flavor set properties = '{}'`);
  });

  it('is counted by month, cycle and day, in the list as well, and once', async () => {
    expect(await get()).toMatchObject({ current_month_traffic: 0, current_cycle_traffic: 0 });
    await ran(1000);
    await read();
    await read();
    const sums = { current_month_traffic: 1000 * RATE, current_cycle_traffic: 1000 * RATE };
    expect(await get()).toMatchObject(sums);
    const list = (await service.user.get(USER).expect(200)).body as { objects: Shown[] };
    expect(list.objects[0]).toMatchObject(sums);
    expect(Object.keys(list.objects[0] ?? {})).toHaveLength(22);
    expect(await days()).toEqual([{ day: '2026-01-15', rx: '10000', tx: '5000' }]);
    // The counters begin anew: what they say now came on top.
    await ran(200);
    await read();
    expect((await get()).current_month_traffic).toBe(1200 * RATE);
  });

  it('grows with the uptime of a simulated machine, and with nothing else', async () => {
    const driver = service.ctx.drivers.of('Region1');
    const ref = { portalId: await cloud.build(), backendId: null };
    const rx = async () => Number((await driver.counters?.(ref))?.[0]?.rx);
    const wait = (ms: number) =>
      new Promise((resolve) => {
        setTimeout(resolve, ms);
      });
    const first = await rx();
    await wait(50);
    expect(await rx()).toBeGreaterThan(first + 400);
    await driver.stop(ref, { graceSeconds: 0 });
    await driver.get(ref);
    const stopped = await rx();
    await wait(30);
    expect(await rx()).toBe(stopped);
    await driver.start(ref);
    await wait(30);
    expect(await rx()).toBeGreaterThan(stopped);
    await expect(driver.counters?.({ portalId: randomUUID(), backendId: null })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('a process that dies between reading and writing counts nothing, and the next one counts it once', async () => {
    await ran(1000);
    await due();
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
    await expect(sweepTraffic(dying)).rejects.toThrow('killed');
    expect((await get()).current_month_traffic).toBe(0);
    await read();
    expect((await get()).current_month_traffic).toBe(1000 * RATE);
  });

  it('a reading that is older than what was counted is thrown away, and is no counter that began anew', async () => {
    const reading = async () => {
      const [row] = await sql<{ version: number }>(service.db, 'select version from traffic where instance_id = $1', [
        instance,
      ]);
      const counters =
        (await service.ctx.drivers.of('Region1').counters?.({ portalId: instance, backendId: null })) ?? [];
      return { instanceId: instance, version: row?.version ?? 0, counters };
    };
    await ran(1000);
    const old = await reading();
    await ran(3000);
    const newer = await reading();
    await countReadings(service.ctx, [newer]);
    await countReadings(service.ctx, [old]);
    await countReadings(service.ctx, [newer]);
    expect((await get()).current_month_traffic).toBe(3000 * RATE);
  });

  it('many processes share the work: nothing is counted twice', async () => {
    const others = [instance, await cloud.build(), await cloud.build(), await cloud.build()];
    for (const id of others) await ran(0, id);
    await read();
    for (const id of others) await ran(500, id);
    await due();
    const rounds = await Promise.all(Array.from({ length: 5 }, () => sweepTraffic(service.ctx)));
    expect(rounds.reduce((sum, one) => sum + one.read, 0)).toBe(others.length);
    for (const id of others) expect((await get(id)).current_month_traffic).toBe(500 * RATE);
  });

  it("a new month begins in the server's time zone, before anything is read in it", async () => {
    at('2026-01-31T21:30:00Z');
    await ran(1000);
    await read();
    at('2026-01-31T22:30:00Z'); // 00:30 on the first of February in Bucharest
    expect(await get()).toMatchObject({ current_month_traffic: 0, current_cycle_traffic: 0 });
    await ran(1500);
    await read();
    expect(await get()).toMatchObject({ current_month_traffic: 500 * RATE, current_cycle_traffic: 500 * RATE });
    expect((await days()).map(({ day }) => day)).toEqual(['2026-01-31', '2026-02-01']);
  });

  it("the cycle is that of the client's OpenStack service", async () => {
    await sql(
      service.db,
      `insert into service_cycle (service_id, start_at, end_at, currency)
      select s.id, c.start_at, c.start_at + interval '1 month', 'EUR' from service s,
        (values ('2025-12-20T00:00:00Z'::timestamptz), ('2026-01-20T00:00:00Z')) c(start_at) where s.client_id = $1`,
      [service.ownClient],
    );
    await ran(1000);
    await read();
    at('2026-01-20T00:00:01Z');
    expect(await get()).toMatchObject({ current_month_traffic: 1000 * RATE, current_cycle_traffic: 0 });
    await ran(1100);
    await read();
    expect(await get()).toMatchObject({ current_month_traffic: 1100 * RATE, current_cycle_traffic: 100 * RATE });
  });

  it('is read a last time before a stop and a deletion, and no more while the machine is off', async () => {
    await sql(
      service.db,
      `update sim_machine set up_ms = 2000, up_at = now() + interval '1 hour', power_state = 1 where portal_id = $1`,
      [instance],
    );
    await cloud.act(instance, 'stop').expect(200);
    await cloud.work();
    expect((await get()).current_month_traffic).toBe(2000 * RATE);
    expect(await sql(service.db, 'select 1 from traffic where next_read_at is not null')).toEqual([]);
    await ran(2500);
    await service.staff.delete(`${STAFF}/${instance}`).expect(200);
    await cloud.work();
    const told = await sql<{ type: string; quantity: string }>(
      service.db,
      `select payload ->> 'type' type, payload #>> '{resource,quantity}' quantity from outbox where aggregate = $1
      order by id`,
      [`traffic:${instance}`],
    );
    expect(told).toEqual([
      { type: 'resource.usage', quantity: String(2000 * RATE) },
      { type: 'resource.usage', quantity: String(2500 * RATE) },
      { type: 'resource.ended', quantity: String(2500 * RATE) },
    ]);
    expect(await sql(service.db, 'select 1 from traffic')).toEqual([]);
  });

  it('metering is told once an hour at most, of the sum', async () => {
    const told = async () =>
      (
        await sql<{ quantity: string }>(
          service.db,
          `select payload #>> '{resource,quantity}' quantity from outbox where aggregate = $1 order by id`,
          [`traffic:${instance}`],
        )
      ).map(({ quantity }) => Number(quantity) / RATE);
    for (const [time, ms] of [
      ['2026-01-15T12:00:00Z', 10],
      ['2026-01-15T12:30:00Z', 20],
      ['2026-01-15T13:00:00Z', 30],
      ['2026-01-15T13:05:00Z', 40],
      ['2026-01-15T14:01:00Z', 40],
    ] as const) {
      at(time);
      await ran(ms);
      await read();
    }
    expect(await told()).toEqual([10, 30, 40]);
  });

  it('metering is told of many machines at once: of each its own sum, for the client who pays', async () => {
    const client = await service.seedClient();
    const machines = [
      ...[{ id: instance, client: service.ownClient, ms: 10 }],
      ...[{ id: await cloud.build(), client: service.ownClient, ms: 20 }],
      ...[{ id: await cloud.build({}, client), client, ms: 30 }],
    ];
    const told = () =>
      sql<{ id: string; type: string; number: string; quantity: string; sequence: number }>(
        service.db,
        `select payload #>> '{resource,id}' id, payload ->> 'type' type, payload #>> '{account,number}' number,
          payload #>> '{resource,quantity}' quantity, (payload ->> 'sequence')::int sequence
        from outbox o where aggregate = any($1) order by o.id`,
        [machines.map(({ id }) => `traffic:${id}`)],
      );
    const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);
    for (const { id } of machines) await ran(0, id);
    await read();
    const expected: unknown[] = [];
    for (const [sequence, time] of ['2026-01-15T13:00:00Z', '2026-01-15T14:00:00Z'].entries()) {
      at(time);
      // In the second round one of them has carried nothing.
      const moved = machines.filter(({ ms }) => sequence === 0 || ms > 10);
      for (const { id, ms } of moved) await ran(ms * (sequence + 1), id);
      await read();
      expected.push(
        ...moved
          .map(({ id, client: payer, ms }) => ({
            ...{ id, type: 'resource.usage', number: String(payer) },
            ...{ quantity: String(ms * RATE * (sequence + 1)), sequence: sequence + 1 },
          }))
          .sort(byId),
      );
    }
    expect(await told()).toEqual(expected);
  });

  it('a client that gets an instance begins at nothing', async () => {
    await ran(1000);
    await read();
    await cloud.act(instance, 'move', { client: service.otherClient }).expect(200);
    expect(await get()).toMatchObject({ current_month_traffic: 0, current_cycle_traffic: 0 });
    await ran(1100);
    await read();
    expect((await get(instance, service.stranger, USER)).current_month_traffic).toBe(100 * RATE);
    expect(await days()).toEqual([{ day: '2026-01-15', rx: '1000', tx: '500' }]);
  });

  describe('limits', () => {
    const limit = (body: object) => service.staff.patch(`${STAFF}/${instance}`, body);

    it('notify: an event, once a month', async () => {
      await limit({ traffic_limit_bytes: 1000 * RATE }).expect(200);
      expect(await get()).toMatchObject({
        traffic_limit_bytes: 1000 * RATE,
        traffic_action: 'notify',
        traffic_blocked: false,
      });
      await ran(999);
      await read();
      await service.sweep('traffic.limits');
      expect(await events()).toEqual([]);
      for (const ms of [1000, 2000]) {
        await ran(ms);
        await read();
        await service.sweep('traffic.limits');
      }
      expect(await events()).toEqual([
        {
          type: 'instance.traffic_limit',
          data: {
            region: 'Region1',
            month: '2026-01',
            limit_bytes: 1000 * RATE,
            used_bytes: 1000 * RATE,
            action: 'notify',
          },
        },
      ]);
      expect(await get()).toMatchObject({ status: 'active', traffic_blocked: false });
      at('2026-02-02T12:00:00Z');
      await ran(3000);
      await read();
      await service.sweep('traffic.limits');
      expect(await events()).toHaveLength(2);
    });

    it('stop: it is stopped, nobody starts it, and it runs again with a higher limit', async () => {
      await limit({ traffic_limit_bytes: 1000 * RATE, traffic_action: 'stop' }).expect(200);
      await ran(1000);
      await read();
      await sql(service.db, 'update sim_machine set power_state = 1 where portal_id = $1', [instance]);
      await service.sweep('traffic.limits');
      await cloud.work();
      expect(await get()).toMatchObject({ status: 'stopped', traffic_blocked: true });
      const refused = {
        detail:
          'The instance has used up its traffic of this month. It may run again next month, or with a higher limit.',
      };
      for (const as of [service.staff, service.user]) {
        const path = as === service.staff ? STAFF : USER;
        const res = await as.post(`${path}/${instance}/start`).expect(409);
        expect([res.body, res.headers['x-error-code']]).toEqual([refused, 'invalid_state']);
        await as.post(`${path}/${instance}/reboot`, { type: 'HARD' }).expect(409);
      }
      await limit({ traffic_limit_bytes: 1000 * RATE - 1 }).expect(200);
      await service.sweep('traffic.limits');
      expect(await get()).toMatchObject({ status: 'stopped', traffic_blocked: true });
      await limit({ traffic_limit_bytes: 5000 * RATE }).expect(200);
      await cloud.work();
      expect(await get()).toMatchObject({ status: 'active', traffic_blocked: false });
    });

    it('stop: a limit that is reached during a task stops the machine when the task ends', async () => {
      await limit({ traffic_limit_bytes: 1000 * RATE, traffic_action: 'stop' }).expect(200);
      await ran(1000);
      await read();
      await sql(service.db, 'update sim_machine set power_state = 1 where portal_id = $1', [instance]);
      await cloud.act(instance, 'reboot', { type: 'HARD' }).expect(200);
      await service.sweep('traffic.limits');
      expect(await get()).toMatchObject({ traffic_blocked: true });
      await cloud.work();
      expect(await get()).toMatchObject({ status: 'stopped', traffic_blocked: true });
    });

    it('stop: it runs again when the month is over', async () => {
      await limit({ traffic_limit_bytes: 15, traffic_action: 'stop' }).expect(200);
      await ran(1000);
      await read();
      await sql(service.db, 'update sim_machine set power_state = 1 where portal_id = $1', [instance]);
      await service.sweep('traffic.limits');
      await cloud.work();
      at('2026-01-31T21:59:00Z');
      await service.sweep('traffic.limits');
      expect(await get()).toMatchObject({ status: 'stopped', traffic_blocked: true });
      at('2026-01-31T22:00:00Z');
      await service.sweep('traffic.limits');
      await cloud.work();
      expect(await get()).toMatchObject({ status: 'active', traffic_blocked: false });
    });

    it('an instance that its user had stopped is not started when it may run again', async () => {
      await cloud.act(instance, 'stop').expect(200);
      await cloud.work();
      await sql(service.db, `update traffic set next_read_at = now(), limit_bytes = 15, limit_action = 'stop'`);
      await ran(1000);
      await service.sweep('traffic.read');
      await service.sweep('traffic.limits');
      expect(await get()).toMatchObject({ status: 'stopped', traffic_blocked: true });
      await limit({ traffic_limit_bytes: -1 }).expect(200);
      await cloud.work();
      expect(await get()).toMatchObject({ status: 'stopped', traffic_blocked: false, traffic_limit_bytes: null });
    });

    it("the flavor's properties are the default, -1 is none, null is the flavor's again", async () => {
      await sql(
        service.db,
        `update flavor set properties = '{"traffic_limit_bytes": 3000, "traffic_action": "stop"}' where id = $1`,
        [FLAVOR],
      );
      expect(await get()).toMatchObject({ traffic_limit_bytes: 3000, traffic_action: 'stop' });
      await limit({ traffic_limit_bytes: -1, traffic_action: 'notify' }).expect(200);
      expect(await get()).toMatchObject({ traffic_limit_bytes: null, traffic_action: 'notify' });
      await limit({ traffic_limit_bytes: null, traffic_action: null }).expect(200);
      expect(await get()).toMatchObject({ traffic_limit_bytes: 3000, traffic_action: 'stop' });
    });

    it('an instance that never ran has its limit already', async () => {
      const { id } = await cloud.ask();
      const body = { traffic_limit_bytes: 100 };
      await service.staff.patch(`${STAFF}/${id}`, body).expect(200);
      expect(await get(id)).toMatchObject(body);
    });

    it.each([
      ['throttle, which no driver can', { traffic_action: 'throttle' }, 'traffic_action'],
      ['another action', { traffic_action: 'explode' }, 'traffic_action'],
      ['less than none', { traffic_limit_bytes: -2 }, 'traffic_limit_bytes'],
      ['no number', { traffic_limit_bytes: 'much' }, 'traffic_limit_bytes'],
    ])('400: %s', async (_name, body, field) => {
      expect(Object.keys((await limit(body).expect(400)).body as object)).toEqual([field]);
    });

    it('end users do not set it', async () => {
      await service.user.patch(`${USER}/${instance}`, { traffic_limit_bytes: 1, description: 'x' }).expect(200);
      expect((await get()).traffic_limit_bytes).toBeNull();
    });
  });

  it('GET traffic: by day; another client is told nothing', async () => {
    for (const [time, ms] of [
      ['2026-01-15T12:00:00Z', 100],
      ['2026-01-16T12:00:00Z', 300],
    ] as const) {
      at(time);
      await ran(ms);
      await read();
    }
    const path = `${USER}/${instance}/traffic`;
    expect((await service.user.get(path).expect(200)).body).toEqual({
      current_month_traffic: 300 * RATE,
      current_cycle_traffic: 300 * RATE,
      traffic_limit_bytes: null,
      traffic_action: 'notify',
      traffic_blocked: false,
      days: [
        { date: '2026-01-15', rx_bytes: 1000, tx_bytes: 500 },
        { date: '2026-01-16', rx_bytes: 2000, tx_bytes: 1000 },
      ],
    });
    const one = (await service.user.get(`${path}?from=2026-01-16&to=2026-01-16`).expect(200)).body as {
      days: unknown[];
    };
    expect(one.days).toHaveLength(1);
    await service.stranger.get(path).expect(404);
    for (const query of ['from=x', 'to=2026-02-30', 'from=2026-02-01&to=2026-01-01', 'from=2020-01-01&to=2026-01-01'])
      await service.user.get(`${path}?${query}`).expect(400);
  });

  it('what an imported machine carried before does not count', async () => {
    await sql(service.db, `update traffic set counters = null, version = version + 1 where instance_id = $1`, [
      instance,
    ]);
    await ran(9000);
    await read();
    expect((await get()).current_month_traffic).toBe(0);
    await ran(9100);
    await read();
    expect((await get()).current_month_traffic).toBe(100 * RATE);
  });

  it('days are thrown away when they are old', async () => {
    await ran(10);
    await read();
    await sql(service.db, `insert into traffic_day (instance_id, day) values ($1, '2024-01-01')`, [instance]);
    await service.sweep('traffic.old');
    expect((await days()).map(({ day }) => day)).toEqual(['2026-01-15']);
  });

  it('a driver that does not answer is asked again later', async () => {
    const driver = service.ctx.drivers.of('Region1');
    expect(driver.capabilities.actions.has('counters')).toBe(true);
    await sql(service.db, `update sim_machine set region = 'elsewhere' where portal_id = $1`, [instance]);
    await due();
    expect(await sweepTraffic(service.ctx)).toMatchObject({ read: 0, failed: 1 });
    await sql(service.db, `update sim_machine set region = 'Region1' where portal_id = $1`, [instance]);
    await service.staff.post(STAFF, createBody({ client: service.ownClient })).expect(201);
  });
});
