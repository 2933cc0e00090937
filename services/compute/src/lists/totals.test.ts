import type { Db } from '@nefos/service-kit';
import { createTotals } from './totals.js';

describe('the number of rows of a long list', () => {
  const db = { pool: {} } as Db;
  const open = () => {
    const clock = { now: 0 };
    const counted = { times: 0, total: 20_000 };
    const totals = createTotals(() => clock.now);
    /** Counting takes 100 ms: the number is fresh for 5 s. */
    const count = (): Promise<number> => {
      counted.times += 1;
      clock.now += 100;
      return Promise.resolve(counted.total);
    };
    return { clock, counted, totals, count };
  };

  it('is remembered for fifty times as long as counting took, then counted while the old one is still answered', async () => {
    const { clock, counted, totals, count } = open();
    expect(totals.known(db, 'all', count)).toBeUndefined();
    expect(await totals.count(db, 'all', count)).toBe(20_000);
    clock.now += 4999;
    expect(totals.known(db, 'all', count)).toBe(20_000);
    expect(counted.times).toBe(1);
    clock.now += 2;
    counted.total = 20_001;
    expect(totals.known(db, 'all', count)).toBe(20_000);
    await Promise.resolve();
    await Promise.resolve();
    expect(totals.known(db, 'all', count)).toBe(20_001);
    expect(counted.times).toBe(2);
  });
  it('is counted once for all who ask meanwhile, and again after a count that failed', async () => {
    const { counted, totals, count } = open();
    let finish: ((err?: Error) => void) | undefined;
    const slow = (): Promise<number> =>
      new Promise<void>((resolve, reject) => {
        finish = (err) => (err ? reject(err) : resolve());
      }).then(count);
    const failing = [totals.count(db, 'once', slow), totals.count(db, 'once', slow)];
    finish?.(new Error('away'));
    expect((await Promise.allSettled(failing)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const both = [totals.count(db, 'once', slow), totals.count(db, 'once', slow)];
    const other = totals.count(db, 'another', count);
    finish?.();
    expect(await Promise.all([...both, other])).toEqual([20_000, 20_000, 20_000]);
    expect(counted.times).toBe(2);
  });
  it('is forgotten when nobody asks for it, and is one for each question', async () => {
    const { clock, totals, count } = open();
    await totals.count(db, 'all', count);
    expect(totals.known(db, 'others', count)).toBeUndefined();
    clock.now += 10_001;
    expect(totals.known(db, 'all', count)).toBeUndefined();
  });
  it('a count that fails is tried again by the next one who asks', async () => {
    const { clock, totals, count } = open();
    await totals.count(db, 'all', count);
    clock.now += 6000;
    expect(totals.known(db, 'all', () => Promise.reject(new Error('away')))).toBe(20_000);
    await Promise.resolve();
    await Promise.resolve();
    await Promise.resolve();
    totals.known(db, 'all', count);
    await Promise.resolve();
    await Promise.resolve();
    clock.now += 1;
    expect(totals.known(db, 'all', count)).toBe(20_000);
  });
});
