import { dbOf } from '../../access/domain/claim.js';
import type { ComputeRequest } from '../../ctx.js';
import { invalidValue } from '../../refusals.js';
import { dayOf, momentOf } from '../../traffic/domain/moment.js';
import { listDays } from '../../traffic/domain/traffic.js';
import type { TrafficDay } from '../../traffic/tables.js';
import { getInstance, type ShownInstance } from './instances.js';

export interface InstanceTraffic {
  instance: ShownInstance;
  /** Days on which something was carried, in order. */
  days: TrafficDay[];
}
const DAY_MS = 86_400_000;
const MAX_DAYS = 400;
/** Days of an answer without `from`, today included. */
const DEFAULT_DAYS = 31;

/** @throws Fault invalid */
const dayIn = (field: string, text: string): string => {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN;
  // The 31st of a month of 30 days is none.
  if (Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== text) throw invalidValue([field], 'traffic.day');
  return text;
};
/**
 * What an instance has carried on each day.
 * @param range days of the server's time zone, both included; without, the last month
 * @throws Fault not_found, invalid
 */
export const readTraffic = async (
  ctx: ComputeRequest,
  id: string,
  range: { from: string | undefined; to: string | undefined },
): Promise<InstanceTraffic> => {
  const instance = await getInstance(ctx, id);
  const to = range.to === undefined ? momentOf(ctx).day : dayIn('to', range.to);
  const last = Date.parse(`${to}T00:00:00Z`);
  const from =
    range.from === undefined ? dayOf(new Date(last - (DEFAULT_DAYS - 1) * DAY_MS), 'UTC') : dayIn('from', range.from);
  const days = (last - Date.parse(`${from}T00:00:00Z`)) / DAY_MS + 1;
  if (days < 1 || days > MAX_DAYS) throw invalidValue(['from'], 'traffic.days', { max: MAX_DAYS });
  return { instance, days: await listDays(dbOf(ctx), id, from, to) };
};
