import { isCron, isZone, nextTime, runsNow } from './cron.js';

const next = (cron: string, zone: string, after: string): string | undefined =>
  nextTime(cron, zone, new Date(after))?.toISOString();

describe('times of schedules', () => {
  it('are local: the clocks change, the hour stays', () => {
    expect(next('0 8 * * *', 'Europe/Bucharest', '2026-01-10T12:00:00Z')).toBe('2026-01-11T06:00:00.000Z');
    expect(next('0 8 * * *', 'Europe/Bucharest', '2026-07-10T12:00:00Z')).toBe('2026-07-11T05:00:00.000Z');
  });
  it('a time that is left out in spring stands for the first moment after it', () => {
    expect(next('30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z')).toBe('2026-03-29T01:00:00.000Z');
    expect(next('30 2 * * *', 'Europe/Berlin', '2026-03-29T01:00:00Z')).toBe('2026-03-30T00:30:00.000Z');
  });
  it('a time that comes twice in autumn counts once', () => {
    expect(next('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z')).toBe('2026-10-25T00:30:00.000Z');
    expect(next('30 2 * * *', 'Europe/Berlin', '2026-10-25T00:30:00Z')).toBe('2026-10-26T01:30:00.000Z');
  });
  it('a day that never comes has no next time', () => {
    expect(next('0 0 30 2 *', 'UTC', '2026-01-01T00:00:00Z')).toBeUndefined();
  });
  it.each(['* * * * *', '*/15 8-18 * * 1-5', '0 0 1 JAN *', '5,10 0 * * SUN'])('%s is one', (cron) => {
    expect(isCron(cron)).toBe(true);
  });
  it.each(['', '* * * *', '* * * * * *', '60 * * * *', '@daily', 'a b c d e', '*/0 * * * *', '0 0 1 1 * 2030'])(
    '"%s" is none',
    (cron) => {
      expect(isCron(cron)).toBe(false);
    },
  );
  it('knows zones', () => {
    expect([isZone('Europe/Bucharest'), isZone('UTC'), isZone('Mars/Base'), isZone('')]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
  it('what was missed is made up within an hour, once', () => {
    const every = { cron: '0 * * * *', timezone: 'UTC' };
    const daily = { cron: '0 3 * * *', timezone: 'UTC' };
    const at = (one: { cron: string; timezone: string }) => (after: Date) => nextTime(one.cron, one.timezone, after);
    const due = new Date('2026-01-15T03:00:00Z');
    expect(runsNow(at(daily), due, new Date('2026-01-15T03:59:00Z'))).toBe(true);
    expect(runsNow(at(daily), due, new Date('2026-01-15T04:00:01Z'))).toBe(false);
    expect(runsNow(at(every), due, new Date('2026-01-15T09:10:00Z'))).toBe(true);
  });
});
