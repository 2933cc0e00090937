import { DAY, sweepDays, type DayUsage, type SweepRun } from './concurrency.js';

const T0 = Date.parse('2019-05-01T00:00:00Z') * 1000;
const HOUR = DAY / 24;
const at = (h: number): number => T0 + h * HOUR;
const run = (entry: number, from: number, to: number | null, vcpu = 1, memory = 1): SweepRun => ({
  start: at(from),
  end: to === null ? null : at(to),
  vcpu,
  memory,
  entry,
});
const day = (runs: SweepRun[], which = 0): DayUsage => sweepDays(runs, T0 + which * DAY, 1)[0] as DayUsage;
const counts = (runs: SweepRun[], ...days: number[]): number[] => days.map((d) => day(runs, d).instances);

describe('worked results (contract metering §9.4)', () => {
  it('a run that ends at midnight counts on the new day, and not on the one after', () =>
    expect(counts([run(0, 2, 24)], -1, 0, 1, 2)).toEqual([0, 1, 1, 0]));
  it('a run of no length at midnight is of the new day alone', () =>
    expect(counts([run(0, 0, 0)], -1, 0, 1)).toEqual([0, 1, 0]));
  it('one ends at midnight and another starts there: one at once, both listed', () =>
    expect(day([run(0, 2, 24), run(1, 24, 30)], 1)).toMatchObject({ instances: 1, entries: [0, 1] }));
  it('one follows the other: one at once, both listed', () =>
    expect(day([run(0, 1, 2), run(1, 2, 3)])).toMatchObject({ instances: 1, entries: [0, 1] }));
  it('the same whichever was made first [beyond]', () =>
    expect(day([run(1, 2, 3), run(0, 1, 2)])).toMatchObject({ instances: 1, entries: [0, 1] }));
  it('three maxima reached at different moments', () =>
    expect(day([run(0, 1, 10, 128, 3904), run(1, 11, 12, 1, 0.5), run(2, 11.5, 12.5, 1, 0.5)])).toEqual({
      instances: 2,
      vcpu: 128,
      memory: 3904,
      entries: [0, 1, 2],
    }));
  it('overlapping types add up', () =>
    expect(day([run(0, 1, 2, 4, 8), run(1, 1.5, 2.5, 1, 0.5)])).toMatchObject({ instances: 2, vcpu: 5, memory: 8.5 }));
  it('an open run counts every day', () =>
    expect(counts([run(0, -70, null)], -3, -2, -1, 0, 1)).toEqual([1, 1, 1, 1, 1]));
  it('the list follows the last point of each entry, beyond the day too', () =>
    expect(day([run(0, 1, 40), run(1, 2, 30), run(0, -5, 1)]).entries).toEqual([1, 0]));
  it('nothing at all', () => expect(day([])).toEqual({ instances: 0, vcpu: 0, memory: 0, entries: [] }));
});

/**
 * By definition: at every instant that matters, who runs; a run of no length runs at its instant; at midnight also
 * who ran until then.
 */
const bruteForce = (runs: readonly SweepRun[], first: number): DayUsage => {
  const next = first + DAY;
  const kept = runs.filter((r) => r.start < next && (r.end === null || r.end >= first));
  const moments = [...new Set([first, ...kept.flatMap((r) => [r.start, r.end ?? r.start])])].filter(
    (t) => t >= first && t < next,
  );
  const alive = [
    kept.filter((r) => r.start < first),
    ...moments.map((t) =>
      kept.filter((r) => (r.start <= t && (r.end === null || t < r.end)) || (r.start === t && r.end === t)),
    ),
  ];
  const most = (of: (r: SweepRun) => number): number =>
    Math.max(...alive.map((group) => group.reduce((sum, r) => sum + of(r), 0)));
  const points = kept
    .map((r) => ({ r, i: runs.indexOf(r) }))
    .sort(
      (a, b) =>
        (a.r.end ?? a.r.start) - (b.r.end ?? b.r.start) ||
        Number(a.r.end === null) - Number(b.r.end === null) ||
        a.r.start - b.r.start ||
        a.i - b.i,
    )
    .map(({ r }) => r.entry);
  return {
    instances: most(() => 1),
    vcpu: most((r) => r.vcpu),
    memory: most((r) => r.memory),
    entries: points.filter((e, i) => points.lastIndexOf(e) === i),
  };
};
/** A small generator with a seed (mulberry32), so that a failure can be had again. */
const random = (seed: number) => (): number => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
};

describe('one sweep says what counting at every instant says', () => {
  it.each(Array.from({ length: 200 }, (_, i) => i + 1))('random runs, seed %i', (seed) => {
    const next = random(seed);
    const whole = (n: number): number => Math.floor(next() * n);
    // Hours on a coarse grid, so that ties, midnights and runs of no length are frequent; some runs are long, some
    // open.
    const runs = Array.from({ length: whole(30) }, () => {
      const from = whole(16) * 6 - 24;
      const kind = whole(10);
      return run(
        whole(8),
        from,
        kind === 0 ? null : kind === 1 ? from : from + whole(kind === 2 ? 40 : 6) * 6,
        whole(5),
        whole(9),
      );
    });
    expect(sweepDays(runs, T0 - DAY, 6)).toEqual(
      Array.from({ length: 6 }, (_, d) => bruteForce(runs, T0 - DAY + d * DAY)),
    );
  });
});
