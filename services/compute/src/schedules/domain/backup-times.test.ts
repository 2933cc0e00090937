import { nextBackup, type BackupTimes } from './backup-times.js';

const monthly = (dayOfMonth: number): BackupTimes => ({
  type: 'monthly',
  runAt: '03:05',
  dayOfWeek: null,
  dayOfMonth,
  timezone: 'UTC',
});
/** Days of a year's times, from the first on. */
const daysOf = (one: BackupTimes, from: string, count: number): string[] => {
  const days: string[] = [];
  for (let at = new Date(from); days.length < count;) {
    at = nextBackup(one, at) as Date;
    days.push(at.toISOString().slice(0, 16));
  }
  return days;
};

describe('times of backup schedules', () => {
  it('a month that is too short has its last day', () => {
    expect(daysOf(monthly(31), '2026-01-01T00:00:00Z', 4)).toEqual([
      '2026-01-31T03:05',
      '2026-02-28T03:05',
      '2026-03-31T03:05',
      '2026-04-30T03:05',
    ]);
    expect(daysOf(monthly(30), '2028-01-01T00:00:00Z', 3)).toEqual([
      '2028-01-30T03:05',
      '2028-02-29T03:05',
      '2028-03-30T03:05',
    ]);
    expect(daysOf(monthly(29), '2026-02-01T00:00:00Z', 2)).toEqual(['2026-02-28T03:05', '2026-03-29T03:05']);
    expect(daysOf(monthly(28), '2026-02-01T00:00:00Z', 2)).toEqual(['2026-02-28T03:05', '2026-03-28T03:05']);
  });
  it('the hour is local, whatever the clocks do', () => {
    const one: BackupTimes = {
      type: 'daily',
      runAt: '02:30',
      dayOfWeek: null,
      dayOfMonth: null,
      timezone: 'Europe/Berlin',
    };
    expect(daysOf(one, '2026-10-24T12:00:00Z', 2)).toEqual(['2026-10-25T00:30', '2026-10-26T01:30']);
  });
  it('a weekly one counts from Sunday', () => {
    const one: BackupTimes = { type: 'weekly', runAt: '00:00', dayOfWeek: 0, dayOfMonth: null, timezone: 'UTC' };
    expect(daysOf(one, '2026-01-15T00:00:00Z', 2)).toEqual(['2026-01-18T00:00', '2026-01-25T00:00']);
  });
});
