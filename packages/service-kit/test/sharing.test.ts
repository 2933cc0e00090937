import { sharing } from '@nefos/service-kit';

describe('work that is shared', () => {
  /** Each run takes the number of runs before it, and ends when it is told to. */
  const counting = () => {
    const share = sharing<number>();
    const runs: { key: string; end: () => void; fail: (err: Error) => void }[] = [];
    const ask = (key = 'a') =>
      share(key, () => {
        const number = runs.length;
        return new Promise((resolve, reject) => runs.push({ key, end: () => resolve(number), fail: reject }));
      });
    /** When so many runs have begun. */
    const begun = async (count: number) => {
      while (runs.length < count) await new Promise((resolve) => setImmediate(resolve));
      return runs;
    };
    return { ask, begun, runs };
  };
  const quiet = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

  it('who asks at the same time gets one result', async () => {
    const { ask, begun, runs } = counting();
    const all = [ask(), ask(), ask()];
    (await begun(1))[0]?.end();
    expect(await Promise.all(all)).toEqual([0, 0, 0]);
    expect(runs).toHaveLength(1);
  });
  it('who asks while it is under way gets what is read afterwards', async () => {
    const { ask, begun, runs } = counting();
    const first = ask();
    await begun(1);
    const later = [ask(), ask()];
    await quiet();
    expect(runs).toHaveLength(1);
    runs[0]?.end();
    (await begun(2))[1]?.end();
    expect(await Promise.all([first, ...later])).toEqual([0, 1, 1]);
    const last = ask();
    (await begun(3))[2]?.end();
    expect(await last).toBe(2);
  });
  it('other keys wait for nobody', async () => {
    const { ask, begun } = counting();
    const [one, other] = [ask('a'), ask('b')];
    const runs = await begun(2);
    runs[1]?.end();
    expect(await other).toBe(1);
    runs[0]?.end();
    expect(await one).toBe(0);
  });
  it('a failure is of those who waited for it, not of those who come later', async () => {
    const { ask, begun, runs } = counting();
    const failing = [ask(), ask()];
    await begun(1);
    const later = ask();
    runs[0]?.fail(new Error('away'));
    expect(await Promise.allSettled(failing)).toEqual([
      { status: 'rejected', reason: new Error('away') },
      { status: 'rejected', reason: new Error('away') },
    ]);
    (await begun(2))[1]?.end();
    expect(await later).toBe(1);
  });
});
