import {
  createMetrics,
  deadJobs,
  enqueue,
  keptEvents,
  migrateJobs,
  openDatabase,
  publish,
  OUTBOX_DDL,
  OUTBOX_SET_ASIDE_DDL,
  retryEvents,
  retryJobs,
  sql,
  startRelay,
  startWorker,
  type Db,
  type Delivery,
} from '@nefos/service-kit';
import { cloneDatabase } from '@nefos/testing';
import { pino } from 'pino';

interface Event {
  id: string;
  of: string;
  n: number;
}
const lines: { level: number; msg: string }[] = [];
const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line) as (typeof lines)[number]) });
const said = (what: RegExp): number => lines.filter((line) => what.test(line.msg)).length;
const until = async (what: () => boolean | Promise<boolean>, seconds = 20): Promise<void> => {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await new Promise((r) => setTimeout(r, 25))) if (await what()) return;
  throw new Error('not in time');
};
let db: Db;
let url: string;
let drop: () => Promise<void>;
beforeAll(async () => {
  ({ url, drop } = await cloneDatabase({
    name: 'kit_outbox',
    log,
    more: async (fresh) => {
      await migrateJobs(fresh);
      await sql(fresh, OUTBOX_DDL + OUTBOX_SET_ASIDE_DDL);
    },
  }));
  db = await openDatabase({ url, log, applicationName: 'test' });
});
afterAll(async () => {
  await db.close();
  await drop();
});
afterEach(async () => {
  await sql(db, 'delete from outbox');
  lines.length = 0;
});

const tell = (of: string, n: number): Promise<string> => db.transaction((tx) => publish(tx, of, (id) => ({ id, of, n })));
const take = (events: readonly object[]): Delivery[] => events.map((e) => ({ id: (e as Event).id, taken: true }));
const answer = (status?: number): Error => Object.assign(new Error(`answered ${status}`), status !== undefined && { status });
/** A receiver that keeps what it takes and answers 500 whenever the poisoned event is among the others. */
const receiver = (poisoned: (e: Event) => boolean) => {
  const taken: Event[] = [];
  return {
    taken,
    deliver: (events: readonly object[]): Promise<Delivery[]> => {
      if ((events as Event[]).some(poisoned)) return Promise.reject(answer(500));
      taken.push(...(events as Event[]));
      return Promise.resolve(take(events));
    },
  };
};
const gauge = async (metrics: ReturnType<typeof createMetrics>, name: string): Promise<number> =>
  (await metrics.registry.getMetricsAsJSON()).find((one) => one.name === name)?.values[0]?.value ?? -1;

it('an event that always gets a 500 is set aside: others go on, its own aggregate waits behind it in order, a retry tells all', async () => {
  const metrics = createMetrics('test', false);
  let broken = true;
  const { taken, deliver } = receiver((e) => broken && e.of === 'bad' && e.n === 2);
  for (let n = 1; n <= 4; n += 1) for (const who of ['a', 'bad', 'b']) await tell(who, n);
  const relay = await startRelay({ db, url, log, metrics, every: 50, deliver });
  try {
    await until(async () => (await gauge(metrics, 'nefos_outbox_set_aside_total')) === 1 && taken.length === 9);
    await tell('bad', 5);
    await tell('late', 1);
    await until(() => taken.some((e) => e.of === 'late'));
    expect(taken.filter((e) => e.of === 'bad').map((e) => e.n)).toEqual([1]);
    expect(said(/it is set aside/)).toBe(1);
    expect(await keptEvents(db, 10)).toMatchObject([{ aggregate: 'bad', state: 'set aside', waiting: 3, error: 'answered 500' }]);
    await until(async () => (await gauge(metrics, 'nefos_outbox_pending')) === 4 && (await gauge(metrics, 'nefos_outbox_set_aside')) === 1);
    expect(await gauge(metrics, 'nefos_outbox_oldest_seconds')).toBeGreaterThan(1);

    broken = false;
    expect(await retryEvents(db, [(await keptEvents(db, 1))[0]!.event])).toBe(1);
    await until(() => taken.length === 14);
    for (const who of ['a', 'b', 'bad']) expect(taken.filter((e) => e.of === who).map((e) => e.n)).toEqual(who === 'bad' ? [1, 2, 3, 4, 5] : [1, 2, 3, 4]);
  } finally {
    await relay.stop();
  }
}, 60_000);

it('two poisoned events side by side are both found', async () => {
  const { taken, deliver } = receiver((e) => e.of.startsWith('bad'));
  for (const who of ['bad1', 'bad2', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) for (let n = 1; n <= 2; n += 1) await tell(who, n);
  const relay = await startRelay({ db, url, log, every: 50, deliver });
  try {
    await until(() => taken.length === 16);
    // Without anybody else there is no proof that the receiver works: new events are it.
    await until(async () => {
      await tell('more', taken.length);
      return (await keptEvents(db, 10)).length === 2;
    }, 40);
    expect((await keptEvents(db, 10)).map((one) => one.aggregate)).toEqual(['bad1', 'bad2']);
  } finally {
    await relay.stop();
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
    const taken: Event[] = [];
    for (let n = 1; n <= 3; n += 1) for (const who of ['a', 'b', 'c']) await tell(who, n);
    const relay = await startRelay({
      db,
      url,
      log,
      every: 50,
      deliver: (events) => {
        calls += 1;
        if (down) return Promise.reject(answer(status));
        taken.push(...(events as Event[]));
        return Promise.resolve(take(events));
      },
    });
    try {
      await until(() => calls >= 5);
      expect(await keptEvents(db, 10)).toEqual([]);
      expect(said(/events can not be told now/)).toBe(1);
      down = false;
      await until(() => taken.length === 9);
      for (const who of ['a', 'b', 'c']) expect(taken.filter((e) => e.of === who).map((e) => e.n)).toEqual([1, 2, 3]);
      await until(() => said(/events are told again/) === 1);
    } finally {
      await relay.stop();
    }
  },
  40_000,
);

it('the gauge counts rows, all of them', async () => {
  const metrics = createMetrics('test', false);
  for (let n = 1; n <= 30; n += 1) await tell('x', n);
  const relay = await startRelay({ db, url, log, metrics, batch: 1, every: 50, deliver: () => Promise.reject(answer(503)) });
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
