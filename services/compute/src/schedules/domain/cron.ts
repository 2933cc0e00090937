import { Cron } from 'croner';

/** Five fields: minute, hour, day of the month, month, day of the week. */
const MODE = '5-part';
/**
 * The next time after an instant; null: there is none. A local time that a change of the clocks leaves out stands for
 * the first moment after it, one that comes twice for the first of them.
 * @throws Error: the expression or the zone is none
 */
export const nextTime = (cron: string, zone: string, after: Date): Date | null =>
  new Cron(cron, { timezone: zone, mode: MODE, paused: true }).nextRun(after);
/** The next time of any of several expressions; as `nextTime`. */
export const nextOfAny = (crons: readonly string[], zone: string, after: Date): Date | null =>
  crons
    .map((cron) => nextTime(cron, zone, after))
    .reduce((first, one) => (first && one ? (one < first ? one : first) : (first ?? one)), null);
export const isCron = (cron: string): boolean => {
  // Names such as @daily and instants are the library's own.
  if (cron.trim().split(/\s+/).length !== 5 || cron.includes(':')) return false;
  try {
    new Cron(cron, { mode: MODE, paused: true });
    return true;
  } catch {
    return false;
  }
};
export const isZone = (zone: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
};
/** A time that was missed is made up for so long. */
export const GRACE_MS = 3_600_000;
/**
 * Whether a schedule runs now: its time has come at most an hour ago. One that has missed several times runs once.
 * @param next the schedule's next time after an instant
 * @param dueAt the first time for which it has not run
 */
export const runsNow = (next: (after: Date) => Date | null, dueAt: Date, now: Date): boolean => {
  const earliest = now.getTime() - GRACE_MS;
  if (dueAt.getTime() >= earliest) return true;
  const recent = next(new Date(earliest));
  return recent !== null && recent.getTime() <= now.getTime();
};
