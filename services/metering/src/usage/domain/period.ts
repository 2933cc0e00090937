import { wholeNumber } from '@nefos/contracts';
import { invalid, type Issue } from '@nefos/service-kit';
import { notAnInteger } from '../../access/domain/scope.js';
import type { User } from '../../access/domain/users.js';
import { NOT_A_DATE } from '../../access/field-rules.js';
import type { Scope } from '../../access/scope.js';
import { dayNumber, readDate, today } from '../../instants.js';

/** The parameters of a report, as they were sent. */
export interface UsageQuery {
  startDate: string | undefined;
  endDate: string | undefined;
  userId: string | undefined;
  accountId: string | undefined;
}
/** Days since 1970; `end` is the day after the last. */
export interface Period {
  start: number;
  end: number;
  owner: Scope;
  accountId: number | undefined;
}

/**
 * Checks all parameters together (contract metering §9.1). A superuser who names no user means all.
 * @param issues what is wrong with other parameters
 * @throws Fault invalid
 */
export const readPeriod = (caller: User, query: UsageQuery, now: Date, issues: Issue[] = []): Period => {
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
