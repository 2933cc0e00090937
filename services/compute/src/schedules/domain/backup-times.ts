import type { BackupSchedule } from '../tables.js';
import { nextOfAny } from './cron.js';

export type BackupTimes = Pick<BackupSchedule, 'type' | 'runAt' | 'dayOfWeek' | 'dayOfMonth' | 'timezone'>;

/** Days that some months lack are the last day of those. */
const monthly = (at: string, day: number): string[] => {
  if (day <= 28) return [`${at} ${day} * *`];
  if (day === 31) return [`${at} L * *`];
  return [`${at} ${day} 1,3-12 *`, `${at} L 2 *`];
};
/** The times of a backup schedule as cron expressions. */
export const cronsOf = ({ type, runAt, dayOfWeek, dayOfMonth }: BackupTimes): string[] => {
  const [hour = 0, minute = 0] = runAt.split(':').map(Number);
  const at = `${minute} ${hour}`;
  if (type === 'monthly') return monthly(at, dayOfMonth ?? 1);
  return [type === 'weekly' ? `${at} * * ${dayOfWeek ?? 0}` : `${at} * * *`];
};
/** When a backup is made next. Each kind of schedule has a next time. */
export const nextBackup = (one: BackupTimes, after: Date): Date | null => nextOfAny(cronsOf(one), one.timezone, after);
