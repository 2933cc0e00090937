import { deltaOf } from './deltas.js';

const seen = (mac: string, rx: number, tx: number) => ({ mac, rx: BigInt(rx), tx: BigInt(tx) });

describe('what was carried between two readings', () => {
  it('is the difference, of each interface', () => {
    expect(deltaOf({ a: ['10', '20'], b: ['1', '1'] }, [seen('a', 15, 20), seen('b', 1, 4)])).toEqual({
      rx: 5n,
      tx: 3n,
      counters: { a: ['15', '20'], b: ['1', '4'] },
      changed: true,
    });
  });
  it('is all of it, when the counter began anew', () => {
    expect(deltaOf({ a: ['1000', '1000'] }, [seen('a', 7, 1001)])).toMatchObject({ rx: 7n, tx: 1n });
  });
  it('is all of a new interface, and nothing of one that is not told of; that one is remembered', () => {
    const first = deltaOf({ a: ['100', '100'] }, [seen('b', 5, 5)]);
    expect(first).toMatchObject({ rx: 5n, tx: 5n, counters: { a: ['100', '100'], b: ['5', '5'] } });
    expect(deltaOf(first.counters, [seen('a', 101, 100)])).toMatchObject({ rx: 1n, tx: 0n });
  });
  it('is nothing at the first reading of a machine whose past does not count', () => {
    expect(deltaOf(null, [seen('a', 5, 5)])).toMatchObject({ rx: 0n, tx: 0n, changed: true });
    expect(deltaOf({}, [seen('a', 5, 5)])).toMatchObject({ rx: 5n, tx: 5n });
  });
  it('changes nothing when the counters did not', () => {
    expect(deltaOf({ a: ['5', '5'] }, [seen('a', 5, 5)]).changed).toBe(false);
    expect(deltaOf({ a: ['5', '5'] }, []).changed).toBe(false);
  });
  it('larger than 2^53 is exact', () => {
    const big = 2n ** 60n;
    expect(deltaOf({ a: [String(big), '0'] }, [{ mac: 'a', rx: big + 1n, tx: 0n }]).rx).toBe(1n);
  });
  it('remembers a bounded number of interfaces, the last ones', () => {
    const old = Object.fromEntries(Array.from({ length: 64 }, (_, i) => [`m${i}`, ['1', '1'] as [string, string]]));
    const { counters } = deltaOf(old, [seen('new', 1, 1), seen('m0', 2, 2)]);
    expect(Object.keys(counters)).toHaveLength(64);
    expect(counters).toMatchObject({ new: ['1', '1'], m0: ['2', '2'] });
    expect(counters.m1).toBeUndefined();
  });
});
