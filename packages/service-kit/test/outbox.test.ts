import { setTimeout as sleep } from 'node:timers/promises';
import {
  createMetrics,
  deadJobs,
  enqueue,
  failedEvents,
  publish,
  retryEvents,
  retryJobs,
  sql,
  startRelay,
  startWorker,
  type Db,
  type Delivery,
} from '@nefos/service-kit';
import { keepingLog, until, useDatabase } from './support.js';

interface Event {
  id: string;
  of: string;
  n: number;
}
const { log, lines, count: said } = keepingLog();
const held = useDatabase(log);
let db: Db;
let url: string;
beforeAll(() => {
  ({ db, url } = held);
});
afterEach(async () => {
  await sql(db, 'delete from outbox');
  lines.length = 0;
});

const tell = (of: string, n: number): Promise<string> =>
  db.transaction((tx) => publish(tx, of, (id) => ({ id, of, n })));
const take = (events: readonly object[]): Delivery[] => events.map((e) => ({ id: (e as Event).id, accepted: true }));
const answer = (status?: number): Error =>
  Object.assign(new Error(`answered ${status}`), status !== undefined && { status });
/** A receiver that keeps what it takes and answers 500 whenever the poisoned event is among the others. */
const receiver = (poisoned: (e: Event) => boolean) => {
  const accepted: Event[] = [];
  return {
    accepted,
    deliver: (events: readonly object[]): Promise<Delivery[]> => {
      if ((events as Event[]).some(poisoned)) return Promise.reject(answer(500));
      accepted.push(...(events as Event[]));
      return Promise.resolve(take(events));
    },
  };
};
const gauge = async (metrics: ReturnType<typeof createMetrics>, name: string): Promise<number> =>
  (await metrics.registry.getMetricsAsJSON()).find((one) => one.name === name)?.values[0]?.value ?? -1;

it('an event that always gets a 500 is set aside: others go on, its own aggregate waits behind it in order, a retry tells all', async () => {
  const metrics = createMetrics('test', false);
  let broken = true;
  const { accepted, deliver } = receiver((e) => broken && e.of === 'bad' && e.n === 2);
  for (let n = 1; n <= 4; n += 1) for (const who of ['a', 'bad', 'b']) await tell(who, n);
  const relay = await startRelay({ db, url, log, metrics, every: 50, pauseMs: 100, deliver });
  try {
    await until(() => accepted.length === 9);
    // Only what is accepted after a failure shows that the receiver works.
    await until(async () => {
      await tell('more', accepted.length);
      return (await gauge(metrics, 'nefos_outbox_set_aside_total')) === 1;
    });
    await tell('bad', 5);
    await tell('late', 1);
    await until(() => accepted.some((e) => e.of === 'late'));
    expect(accepted.filter((e) => e.of === 'bad').map((e) => e.n)).toEqual([1]);
    expect(said(/it is set aside/)).toBe(1);
    expect(await failedEvents(db, 10)).toMatchObject([
      { aggregate: 'bad', state: 'set aside', waiting: 3, error: 'answered 500' },
    ]);
    await until(
      async () =>
        (await gauge(metrics, 'nefos_outbox_pending')) === 4 && (await gauge(metrics, 'nefos_outbox_set_aside')) === 1,
    );
    expect(await gauge(metrics, 'nefos_outbox_oldest_seconds')).toBeGreaterThan(1);

    broken = false;
    expect(await retryEvents(db, [(await failedEvents(db, 1))[0]!.event])).toBe(1);
    await until(() => accepted.filter((e) => e.of === 'bad').length === 5);
    for (const who of ['a', 'b', 'bad'])
      expect(accepted.filter((e) => e.of === who).map((e) => e.n)).toEqual(
        who === 'bad' ? [1, 2, 3, 4, 5] : [1, 2, 3, 4],
      );
  } finally {
    await relay.stop();
  }
}, 60_000);

it('two poisoned events side by side are both found', async () => {
  const { accepted, deliver } = receiver((e) => e.of.startsWith('bad'));
  for (const who of ['bad1', 'bad2', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'])
    for (let n = 1; n <= 2; n += 1) await tell(who, n);
  const relay = await startRelay({ db, url, log, every: 50, pauseMs: 100, deliver });
  try {
    await until(() => accepted.length === 16);
    // Without anybody else there is no proof that the receiver works: new events are it.
    await until(async () => {
      await tell('more', accepted.length);
      return (await failedEvents(db, 10)).length === 2;
    }, 40);
    expect((await failedEvents(db, 10)).map((one) => one.aggregate)).toEqual(['bad1', 'bad2']);
  } finally {
    await relay.stop();
  }
}, 60_000);

it('many poisoned events do not hold others up, neither while they are judged nor when all are tried again', async () => {
  const { accepted, deliver } = receiver((e) => e.of.startsWith('bad'));
  const bad = Array.from({ length: 8 }, (_, i) => `bad${i}`);
  for (let n = 1; n <= 2; n += 1) for (const who of bad) await tell(who, n);
  const relay = await startRelay({ db, url, log, every: 50, deliver });
  let slowest = 0;
  const others = async (of: string): Promise<void> => {
    for (let n = 1; n <= 6; n += 1) {
      const start = Date.now();
      for (let who = 0; who < 5; who += 1) await tell(`${of}${who}`, n);
      await until(() => accepted.filter((e) => e.of.startsWith(of) && e.n === n).length === 5);
      slowest = Math.max(slowest, Date.now() - start);
    }
  };
  try {
    await tell('first', 1);
    await until(() => accepted.length === 1);
    await others('a');
    await until(async () => {
      await tell('more', accepted.length);
      return (await failedEvents(db, 10)).length === 8;
    }, 40);
    expect(await retryEvents(db, 'all')).toBe(8);
    await others('b');
    // A pause after each failure would be seconds, for each poisoned event.
    expect(slowest).toBeLessThan(3000);
    for (const who of ['a0', 'b4'])
      expect(accepted.filter((e) => e.of === who).map((e) => e.n)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(accepted.some((e) => e.of.startsWith('bad'))).toBe(false);
  } finally {
    await relay.stop();
  }
}, 90_000);

it('an event is set aside though a thousand others of its own aggregate stand before anybody else', async () => {
  const { accepted, deliver } = receiver((e) => e.of === 'bad' && e.n === 1);
  await db.transaction(async (tx) => {
    for (let n = 1; n <= 1100; n += 1) await publish(tx, 'bad', (id) => ({ id, of: 'bad', n }));
  });
  await tell('other', 1);
  const relay = await startRelay({ db, url, log, every: 50, pauseMs: 50, deliver });
  try {
    await until(async () => {
      await tell('more', accepted.length);
      return (await failedEvents(db, 10)).length === 1;
    }, 40);
    expect((await failedEvents(db, 10))[0]).toMatchObject({ aggregate: 'bad', waiting: 1099 });
    expect(accepted.some((e) => e.of === 'bad')).toBe(false);
  } finally {
    await relay.stop();
  }
}, 60_000);

it.each([
  ['gets no answer', undefined],
  ['gets 503', 503],
])(
  'an event that alone always %s is set aside in the end; others are accepted meanwhile, at once',
  async (_what, status) => {
    const accepted: Event[] = [];
    const waits = async (): Promise<never> => {
      await sleep(400);
      throw answer(status);
    };
    for (let n = 1; n <= 3; n += 1) for (const who of ['a', 'bad', 'b']) await tell(who, n);
    const relay = await startRelay({
      db,
      url,
      log,
      every: 50,
      pauseMs: 20,
      deliver: (events) => {
        if ((events as Event[]).some((e) => e.of === 'bad' && e.n === 2)) return waits();
        accepted.push(...(events as Event[]));
        return Promise.resolve(take(events));
      },
    });
    try {
      await until(() => accepted.length === 7);
      const times: number[] = [];
      await until(async () => {
        const start = Date.now();
        await tell('more', times.length);
        await until(() => accepted.some((e) => e.of === 'more' && e.n === times.length));
        times.push(Date.now() - start);
        await sleep(50);
        return (await failedEvents(db, 10)).length === 1;
      }, 60);
      // It is delivered again and again beside the others, not before them.
      expect(times.sort((a, b) => a - b)[Math.floor(times.length / 2)]).toBeLessThan(300);
      expect(await failedEvents(db, 10)).toMatchObject([{ aggregate: 'bad', state: 'set aside', waiting: 1 }]);
      expect(accepted.filter((e) => e.of === 'bad').map((e) => e.n)).toEqual([1]);
    } finally {
      await relay.stop();
    }
  },
  90_000,
);

it('a relay that has lost its lock ends what it is at: another goes on alone', async () => {
  const calls: string[] = [];
  const relayOf = (name: string) =>
    startRelay({
      db,
      url,
      log,
      every: 50,
      batch: 1,
      deliver: async (events) => {
        calls.push(name);
        await sleep(20);
        return take(events);
      },
    });
  await db.transaction(async (tx) => {
    for (let n = 1; n <= 600; n += 1) await publish(tx, `x${n}`, (id) => ({ id, of: 'x', n }));
  });
  const first = await relayOf('first');
  await until(() => calls.length > 3);
  const second = await relayOf('second');
  try {
    await sql(
      db,
      `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and classid = 78 and database =
      (select oid from pg_database where datname = current_database())`,
    );
    await until(() => calls.includes('second'));
    await until(() => calls.filter((one) => one === 'second').length > 50);
    expect(calls.slice(calls.indexOf('second') + 5)).not.toContain('first');
  } finally {
    await first.stop();
    await second.stop();
  }
}, 60_000);

it.each([
  ['is not there', undefined],
  ['answers 503', 503],
  ['does not know our token', 401],
  ['answers 500 to everything', 500],
])(
  'a receiver that %s is no reason to set anything aside, and one line',
  async (_what, status) => {
    let down = true;
    let calls = 0;
    const accepted: Event[] = [];
    for (let n = 1; n <= 3; n += 1) for (const who of ['a', 'b', 'c']) await tell(who, n);
    const relay = await startRelay({
      db,
      url,
      log,
      every: 50,
      deliver: (events) => {
        calls += 1;
        if (down) return Promise.reject(answer(status));
        accepted.push(...(events as Event[]));
        return Promise.resolve(take(events));
      },
    });
    try {
      await until(() => calls >= 5);
      expect(await failedEvents(db, 10)).toEqual([]);
      await until(() => said(/events can not be delivered now/) > 0);
      expect(said(/events can not be delivered now/)).toBe(1);
      down = false;
      await until(() => accepted.length === 9);
      for (const who of ['a', 'b', 'c'])
        expect(accepted.filter((e) => e.of === who).map((e) => e.n)).toEqual([1, 2, 3]);
      await until(() => said(/events are delivered again/) === 1);
    } finally {
      await relay.stop();
    }
  },
  40_000,
);

it('the gauge counts rows, all of them', async () => {
  const metrics = createMetrics('test', false);
  for (let n = 1; n <= 30; n += 1) await tell('x', n);
  const relay = await startRelay({
    db,
    url,
    log,
    metrics,
    batch: 1,
    every: 50,
    deliver: () => Promise.reject(answer(503)),
  });
  try {
    await until(async () => (await gauge(metrics, 'nefos_outbox_pending')) === 30);
  } finally {
    await relay.stop();
  }
});

it('a job that is out of attempts is listed and can be tried again', async () => {
  let works = false;
  const done: string[] = [];
  const worker = await startWorker({
    db,
    url,
    log,
    tasks: {
      note: ({ id }) => {
        if (!works) return Promise.reject(new Error('not yet'));
        done.push(id!);
        return Promise.resolve();
      },
    },
  });
  try {
    await db.transaction((tx) => enqueue(tx, 'note', { id: 'one' }, { maxAttempts: 1 }));
    await until(async () => (await deadJobs(db, 10)).length === 1);
    const [dead] = await deadJobs(db, 10);
    expect(dead).toMatchObject({ task: 'note', payload: { id: 'one' }, attempts: 1, error: 'not yet' });
    works = true;
    expect(await retryJobs(db, [dead!.job])).toBe(1);
    await until(() => done.length === 1);
    expect(await retryJobs(db, 'all')).toBe(0);
  } finally {
    await worker.stop();
  }
});
