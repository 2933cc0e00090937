import type { MeteringRequest } from '../../ctx.js';
import { findCountedRuns, type UsageEntry } from '../store/counted-runs.js';
import { DAY, MEMORY_UNIT, sweepDays } from './concurrency.js';
import { dateOf } from '../../instants.js';
import type { Page } from '../../page.js';
import type { User } from '../../access/domain/users.js';
import { readPeriod, type UsageQuery } from './period.js';

export type { UsageEntry };
/** One day; `entries` are indices into the report's `entries`. */
export interface UsageDay {
  date: string;
  instances: number;
  vcpu: number;
  memory: number;
  entries: readonly number[];
}
export interface UsageReport {
  count: number;
  entries: readonly UsageEntry[];
  days: readonly UsageDay[];
}

/**
 * Equal entries are one (contract metering §9.3.6): an instance may have had several sizes.
 * @returns for each entry the index of the one that stands for it
 */
const representatives = (entries: readonly UsageEntry[]): number[] => {
  const numbers = new Map<string, number>();
  return entries.map(({ cloudType, cloudInstanceId, rhelVersion, syspurpose }, i) => {
    const key = `${cloudType}\0${cloudInstanceId}\0${rhelVersion}\0${syspurpose}`;
    const known = numbers.get(key);
    if (known === undefined) numbers.set(key, i);
    return known ?? i;
  });
};

/**
 * Daily concurrency of the days of one page: one query, one sweep (contract metering §9). Days after today never
 * appear.
 */
export const concurrentUsage = async (
  ctx: MeteringRequest,
  caller: User,
  query: UsageQuery,
  { limit, offset }: Page,
): Promise<UsageReport> => {
  const { start, end, owner, accountId } = readPeriod(caller, query, ctx.clock.now());
  const count = Math.max(0, end - start);
  const first = start + offset;
  const length = Math.max(0, Math.min(limit, count - offset));
  if (!length) return { count, entries: [], days: [] };
  const { entries, runs } = await findCountedRuns(ctx.db, {
    from: dateOf(first),
    to: dateOf(first + length),
    owner,
    accountId,
  });
  const representative = representatives(entries);
  const counted = runs.map(({ start: from, end: to, vcpu, memory, entry }) => ({
    start: from,
    end: to,
    vcpu,
    memory: Math.round(memory * MEMORY_UNIT),
    entry: representative[entry] as number,
  }));
  const days = sweepDays(counted, first * DAY, length).map((day, i) => ({
    ...day,
    date: dateOf(first + i),
    memory: day.memory / MEMORY_UNIT,
  }));
  return { count, entries, days };
};
