/** A run as the sweep needs it. Instants are whole microseconds since 1970, exact as numbers until the year 2255. */
export interface SweepRun {
  start: number;
  end: number | null;
  vcpu: number;
  /** In MEMORY_UNITs, so that sums are exact. */
  memory: number;
  /** Which entry of the day's list the run stands for, from 0. */
  entry: number;
}
/**
 * Most at once in one day; the three maxima may be reached at different moments. `entries` in the order of the list.
 */
export interface DayUsage {
  instances: number;
  vcpu: number;
  memory: number;
  entries: number[];
}

export const DAY = 86_400_000_000;
/** Hundredths of a GiB and of a MiB are both whole numbers of this unit. */
export const MEMORY_UNIT = 102_400;
const noRuns = (): DayUsage => ({ instances: 0, vcpu: 0, memory: 0, entries: [] });

/**
 * Daily concurrency of `days` days from `first` (midnight UTC) by one sweep over all runs: O(R log R + D + length of
 * the lists). A run is of a day when `start < next midnight` and `end >= midnight`: one that ends at midnight still
 * counts on the new day (contract metering §9.3). At one instant ends come before starts, but a run of no length
 * counts at its instant.
 * @param runs those with the same last point are listed by start, ended ones before running ones, then by input order
 */
export const sweepDays = (runs: readonly SweepRun[], first: number, days: number): DayUsage[] => {
  const out = Array.from({ length: days }, noRuns);
  const starts = inOrder(runs, (r) => r.start);
  // Ends before starts at one instant: what still runs has its start as last point.
  const byLastPoint = inOrder(
    [...starts.filter((r) => r.end !== null), ...starts.filter((r) => r.end === null)],
    (r) => r.end ?? r.start,
  );
  fillLists(byLastPoint, first, days, out);
  const ends = byLastPoint.filter((r): r is SweepRun & { end: number } => r.end !== null && r.end > r.start);
  let instances = 0;
  let vcpu = 0;
  let memory = 0;
  let s = 0;
  let e = 0;
  const startsAt = (): number => starts[s]?.start ?? Infinity;
  const endsAt = (): number => ends[e]?.end ?? Infinity;
  /** Applies all points of the next instant; `day` takes the maxima, if it is one of those asked for. */
  const step = (day: DayUsage | undefined): void => {
    const t = Math.min(startsAt(), endsAt());
    for (; endsAt() === t; e += 1) {
      const r = ends[e] as SweepRun;
      instances -= 1;
      vcpu -= r.vcpu;
      memory -= r.memory;
    }
    let zeroLength = 0;
    let zeroLengthVcpu = 0;
    let zeroLengthMemory = 0;
    for (; startsAt() === t; s += 1) {
      const r = starts[s] as SweepRun;
      instances += 1;
      vcpu += r.vcpu;
      memory += r.memory;
      if (r.end === t) {
        zeroLength += 1;
        zeroLengthVcpu += r.vcpu;
        zeroLengthMemory += r.memory;
      }
    }
    if (day) peak(day, instances, vcpu, memory);
    instances -= zeroLength;
    vcpu -= zeroLengthVcpu;
    memory -= zeroLengthMemory;
  };
  while (Math.min(startsAt(), endsAt()) < first) step(undefined);
  for (const [i, day] of out.entries()) {
    peak(day, instances, vcpu, memory); // what came over midnight
    const next = first + (i + 1) * DAY;
    while (Math.min(startsAt(), endsAt()) < next) step(day);
  }
  return out;
};
const peak = (day: DayUsage, instances: number, vcpu: number, memory: number): void => {
  if (instances > day.instances) day.instances = instances;
  if (vcpu > day.vcpu) day.vcpu = vcpu;
  if (memory > day.memory) day.memory = memory;
};

/**
 * Stable. Plain numbers are sorted without calling back, several times faster than runs; each run then takes the next
 * place of its key.
 */
const inOrder = (runs: readonly SweepRun[], key: (r: SweepRun) => number): SweepRun[] => {
  const keys = Float64Array.from(runs, key);
  const sorted = keys.slice().sort();
  const used = new Uint32Array(runs.length);
  const out = new Array<SweepRun>(runs.length);
  for (const [i, run] of runs.entries()) {
    let low = 0;
    let high = runs.length;
    const wanted = keys[i] as number;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((sorted[middle] as number) < wanted) low = middle + 1;
      else high = middle;
    }
    out[low + (used[low] as number)] = run;
    used[low] = (used[low] as number) + 1;
  }
  return out;
};

/**
 * Each entry once per day, ordered by the last point of its runs, ends before starts (contract metering §9.3.6). The
 * runs are in that order for all days together, so walking them backwards, the first time an entry is met in a day is
 * its last point there.
 */
const fillLists = (byLastPoint: readonly SweepRun[], first: number, days: number, out: DayUsage[]): void => {
  const entries = byLastPoint.reduce((most, r) => Math.max(most, r.entry + 1), 0);
  const listed = new Uint8Array(entries * days);
  for (let i = byLastPoint.length - 1; i >= 0; i -= 1) {
    const r = byLastPoint[i] as SweepRun;
    const from = Math.max(0, Math.floor((r.start - first) / DAY));
    const to = Math.min(days - 1, r.end === null ? days - 1 : Math.floor((r.end - first) / DAY));
    for (let day = from; day <= to; day += 1) {
      const at = r.entry * days + day;
      if (listed[at]) continue;
      listed[at] = 1;
      (out[day] as DayUsage).entries.push(r.entry);
    }
  }
  for (const day of out) day.entries.reverse();
};
