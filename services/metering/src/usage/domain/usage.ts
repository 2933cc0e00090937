import { wholeNumber } from '@nefos/contracts';
import { invalid, type Issue } from '@nefos/service-kit';
import type { MeteringRequest } from '../../ctx.js';
import { findCountedRuns, type UsageEntry } from '../store/counted-runs.js';
import { DAY, MEMORY_UNIT, sweepDays } from './concurrency.js';
import { dateOf, dayNumber, readDate, today } from '../../instants.js';
import type { Page } from '../../page.js';
import { notAnInteger } from '../../access/domain/scope.js';
import { NOT_A_DATE } from '../../access/field-rules.js';
import type { Scope } from '../../access/scope.js';
import type { User } from '../../access/domain/users.js';

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

/** The parameters of a report, as they were sent. */
export interface UsageQuery {
  startDate: string | undefined;
  endDate: string | undefined;
  userId: string | undefined;
  accountId: string | undefined;
}
/** Days since 1970; `end` is the day after the last. */
interface Period {
  start: number;
  end: number;
  owner: Scope;
  accountId: number | undefined;
}

/**
 * Checks all parameters together (contract metering §9.1). A superuser who names no user means all.
 * @throws Fault invalid
 */
const readQuery = (caller: User, query: UsageQuery, now: Date): Period => {
  const issues: Issue[] = [];
  const day = (field: 'start_date' | 'end_date', text: string | undefined, otherwise: number): number => {
    if (!text) return otherwise;
    const date = readDate(text);
    if (date === undefined) {
      issues.push({ path: [field], rule: NOT_A_DATE });
      return otherwise;
    }
    return dayNumber(date);
  };
  const integer = (field: string, text: string | undefined): number | undefined => {
    const value = text === undefined ? undefined : wholeNumber(text);
    if (text !== undefined && value === undefined) issues.push(notAnInteger(field));
    return value;
  };
  const tomorrow = today(now) + 1;
  const start = day('start_date', query.startDate, tomorrow - 1);
  const end = Math.min(day('end_date', query.endDate, tomorrow), tomorrow);
  const userId = caller.isSuperuser ? integer('user_id', query.userId) : undefined;
  const accountId = integer('cloud_account_id', query.accountId);
  if (issues.length) throw invalid(issues);
  return { start, end, owner: caller.isSuperuser ? (userId ?? 'all') : caller.id, accountId };
};

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
  const { start, end, owner, accountId } = readQuery(caller, query, ctx.clock.now());
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
