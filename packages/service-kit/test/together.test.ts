import { setTimeout as sleep } from 'node:timers/promises';
import { LEFT_OUT, together } from '@nefos/service-kit';

describe('items that go together', () => {
  const counting = (fail: (items: readonly number[]) => boolean = () => false, options = {}) => {
    const calls: number[][] = [];
    const ask = together(async (items: readonly number[]) => {
      calls.push([...items]);
      await sleep(5);
      if (fail(items)) throw new Error(`not ${items.join()}`);
      return items.map((one) => one * 10);
    }, options);
    return { ask, calls };
  };

  it('those of one turn are one call, those that come meanwhile the next; each gets its own result', async () => {
    const { ask, calls } = counting();
    const first = [ask(1), ask(2)];
    await sleep(1);
    const second = [ask(3), ask(4), ask(5)];
    expect(await Promise.all([...first, ...second])).toEqual([10, 20, 30, 40, 50]);
    expect(calls).toEqual([
      [1, 2],
      [3, 4, 5],
    ]);
  });
  it('a call that fails is repeated with each item alone: only the culprit fails', async () => {
    const { ask, calls } = counting((items) => items.includes(2));
    const results = await Promise.allSettled([ask(1), ask(2), ask(3)]);
    expect(results.map((one) => (one.status === 'fulfilled' ? one.value : (one.reason as Error).message))).toEqual([
      10,
      'not 2',
      30,
    ]);
    expect(calls).toEqual([[1, 2, 3], [1], [2], [3]]);
  });
  it('what a call leaves out is asked for alone, and holds up nobody', async () => {
    const calls: number[][] = [];
    let free: (() => void) | undefined;
    const freed = new Promise<void>((resolve) => {
      free = resolve;
    });
    const ask = together(async (items: readonly number[]) => {
      calls.push([...items]);
      if (items.length === 1 && items[0] === 2) await freed;
      return items.map((one) => (one === 2 && items.length > 1 ? LEFT_OUT : one * 10));
    });
    const all = [1, 2, 3].map(ask);
    expect(await Promise.all([all[0], all[2]])).toEqual([10, 30]);
    expect(await Promise.all([ask(4), ask(5)])).toEqual([40, 50]);
    free?.();
    expect(await all[1]).toBe(20);
    expect(calls).toEqual([[1, 2, 3], [2], [4, 5]]);
  });
  it('a call has so many items at most, and so many calls are under way', async () => {
    const { ask, calls } = counting(undefined, { most: 2 });
    expect(await Promise.all([1, 2, 3, 4, 5].map(ask))).toEqual([10, 20, 30, 40, 50]);
    expect(calls).toEqual([[1, 2], [3, 4], [5]]);
  });
});
