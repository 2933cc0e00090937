import { localSeconds, localTime } from './local-time.js';

describe('localTime', () => {
  it.each([
    ['2019-11-21 14:43:25.073366+00', 'Europe/Bucharest', '2019-11-21T16:43:25.073366+02:00'],
    ['2019-09-13 08:30:41.443349+00', 'Europe/Bucharest', '2019-09-13T11:30:41.443349+03:00'],
    ['2019-06-06 08:27:06.54377+00', 'Europe/Bucharest', '2019-06-06T11:27:06.543770+03:00'],
    ['2026-01-01 00:00:00+00', 'Europe/Bucharest', '2026-01-01T02:00:00+02:00'],
    ['2026-01-01 00:00:00+00', 'UTC', '2026-01-01T00:00:00+00:00'],
    ['2026-01-01 03:00:00.1+00', 'America/St_Johns', '2025-12-31T23:30:00.100000-03:30'],
    ['2026-03-29 00:59:59+00', 'Europe/Bucharest', '2026-03-29T02:59:59+02:00'],
    ['2026-03-29 01:00:00+00', 'Europe/Bucharest', '2026-03-29T04:00:00+03:00'],
  ])('%s in %s', (text, zone, wanted) => {
    expect(localTime(text, zone)).toBe(wanted);
  });
  it('whole seconds', () => {
    expect(localSeconds('2019-11-27 12:36:45.9+00', 'Europe/Bucharest')).toBe('2019-11-27T14:36:45+02:00');
  });
});
