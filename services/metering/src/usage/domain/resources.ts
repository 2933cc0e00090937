import { RESOURCE_KINDS, RESOURCE_UNITS, type ResourceKind } from '@nefos/contracts';
import type { Issue } from '@nefos/service-kit';
import type { MeteringRequest } from '../../ctx.js';
import type { User } from '../../access/domain/users.js';
import { dateOf } from '../../instants.js';
import type { Page } from '../../page.js';
import { findResourceDays, type ResourceDay } from '../store/resources.js';
import { readPeriod, type UsageQuery } from './period.js';

export { closeResources, recordFacts, type NewFact } from '../store/resources.js';

export interface ResourceUsage extends Omit<ResourceDay, 'date'> {
  /** Of `amount`. */
  unit: string;
}
export interface ResourceReport {
  count: number;
  days: { date: string; usage: ResourceUsage[] }[];
}
const isKind = (text: string): text is ResourceKind => (RESOURCE_KINDS as readonly string[]).includes(text);
/** Traffic is carried once; all else is used for as long as it is there. */
const unitOf = (kind: ResourceKind): string => (kind === 'traffic' ? 'byte' : `${RESOURCE_UNITS[kind]}_hour`);

/**
 * What images, volumes, floating IPs and traffic amount to, by day. Days after today never appear.
 * @throws Fault invalid
 */
export const resourceUsage = async (
  ctx: MeteringRequest,
  caller: User,
  { kind, ...query }: UsageQuery & { kind: string | undefined },
  { limit, offset }: Page,
): Promise<ResourceReport> => {
  const wrong: Issue[] =
    kind === undefined || kind === '' || isKind(kind)
      ? []
      : [{ path: ['kind'], rule: 'choice', values: { input: kind } }];
  const now = ctx.clock.now();
  const { start, end, owner, accountId } = readPeriod(caller, query, now, wrong);
  const count = Math.max(0, end - start);
  const first = start + offset;
  const length = Math.max(0, Math.min(limit, count - offset));
  if (!length) return { count, days: [] };
  const found = await findResourceDays(ctx.db, {
    from: dateOf(first),
    to: dateOf(first + length),
    now,
    owner,
    accountId,
    kind: kind !== undefined && isKind(kind) ? kind : undefined,
  });
  const days = Array.from({ length }, (_, i) => {
    const date = dateOf(first + i);
    const usage = found
      .filter((one) => one.date === date)
      .map((one) => ({ kind: one.kind, unit: unitOf(one.kind), resources: one.resources, amount: one.amount }));
    return { date, usage };
  });
  return { count, days };
};
