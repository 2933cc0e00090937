import { setTimeout as sleep } from 'node:timers/promises';
import { failedEvents, publish, retryEvents, sql, startRelay, type Db, type Delivery } from '@nefos/service-kit';
import { silent as log, until, useDatabase } from './support.js';

interface Event {
  id: string;
  of: string;
  n: number;
}
const held = useDatabase();
let db: Db;
let url: string;
beforeAll(() => {
  ({ db, url } = held);
});
afterEach(() => sql(db, 'delete from outbox'));

const tell = (events: readonly (readonly [of: string, n: number])[]): Promise<void> =>
  db.transaction(async (tx) => {
    for (const [of, n] of events) await publish(tx, of, (id) => ({ id, of, n }));
  });
const names = (what: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${what}${i}`);
/** A receiver that answers 500 when one of these is among the events, and keeps what it takes. */
const receiver = () => {
  const state = {
    poisoned: (_e: Event): boolean => false,
    accepted: [] as Event[],
    calls: 0,
    alone: new Set<string>(),
  };
  const deliver = (given: readonly object[]): Promise<Delivery[]> => {
    const events = given as Event[];
    state.calls += 1;
    if (events.some((e) => state.poisoned(e))) {
      if (events.length === 1) state.alone.add(events[0]!.of);
      return Promise.reject(Object.assign(new Error('answered 500'), { status: 500 }));
    }
    state.accepted.push(...events);
    return Promise.resolve(events.map(({ id }) => ({ id, accepted: true })));
  };
  const of = (what: string): number[] => state.accepted.filter((e) => e.of === what).map((e) => e.n);
  return { state, deliver, of };
};

it.each([
  ['all of them can be remembered', {}],
  ['there are more than can be remembered', { suspects: 20 }],
])(
  'many that fail, before all others, hold up nobody and are set aside: %s',
  async (_name, more) => {
    const { state, deliver, of } = receiver();
    const [bad, good] = [names('bad', 230), names('good', 10)];
    state.poisoned = (e) => e.of.startsWith('bad') && e.n === 1;
    for (const n of [1, 2]) await tell(bad.map((one) => [one, n] as const));
    for (const n of [1, 2, 3]) await tell(good.map((one) => [one, n] as const));
    const relay = await startRelay({ db, url, log, every: 50, pauseMs: 10, deliver, ...more });
    try {
      await until(() => state.accepted.length === 30, 30);
      // Only what is accepted after a failure shows that the receiver works.
      await until(async () => {
        await tell([['more', state.accepted.length]]);
        return (await failedEvents(db, 1000)).length === 230;
      }, 60);
      expect(state.accepted.some((e) => e.of.startsWith('bad'))).toBe(false);
      for (const one of good) expect(of(one)).toEqual([1, 2, 3]);
      state.poisoned = () => false;
      expect(await retryEvents(db, 'all')).toBe(230);
      await until(() => bad.every((one) => of(one).length === 2), 30);
      for (const one of bad) expect(of(one)).toEqual([1, 2]);
      expect(new Set(state.accepted.map((e) => e.id)).size).toBe(state.accepted.length);
    } finally {
      await relay.stop();
    }
  },
  150_000,
);

it('who failed once is delivered again though whoever else is there goes on failing', async () => {
  const { state, deliver, of } = receiver();
  let broken = true;
  state.poisoned = (e) => (e.of === 'a' && broken) || e.of === 'b';
  await tell([
    ['a', 1],
    ['c', 1],
  ]);
  const relay = await startRelay({ db, url, log, every: 50, pauseMs: 1000, deliver });
  try {
    await until(() => state.alone.has('a') && of('c').length === 1);
    broken = false;
    await tell([
      ['b', 1],
      ['a', 2],
    ]);
    await until(() => of('a').length === 2);
    expect(of('a')).toEqual([1, 2]);
    // One that is alone is never proven to be at fault.
    expect([state.alone.has('b'), await failedEvents(db, 10)]).toEqual([true, []]);
  } finally {
    await relay.stop();
  }
}, 40_000);

it('a receiver that takes nothing is asked now and then, whatever waits; when it is back it gets everything, in order', async () => {
  const { state, deliver, of } = receiver();
  const all = names('x', 300);
  state.poisoned = () => true;
  for (const n of [1, 2, 3]) await tell(all.map((one) => [one, n] as const));
  const relay = await startRelay({ db, url, log, every: 50, pauseMs: 100, deliver });
  try {
    await sleep(4000);
    expect(state.calls).toBeGreaterThan(10);
    expect(state.calls).toBeLessThan(400);
    state.poisoned = () => false;
    await until(() => state.accepted.length === 900, 30);
    for (const one of all) expect(of(one)).toEqual([1, 2, 3]);
    expect(await failedEvents(db, 10)).toEqual([]);
  } finally {
    await relay.stop();
  }
}, 60_000);
