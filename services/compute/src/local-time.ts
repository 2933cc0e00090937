const formats = new Map<string, Intl.DateTimeFormat>();
const formatOf = (zone: string): Intl.DateTimeFormat => {
  let found = formats.get(zone);
  if (!found)
    formats.set(
      zone,
      (found = new Intl.DateTimeFormat('en-CA', {
        timeZone: zone,
        hourCycle: 'h23',
        year: 'numeric',
        month: '2-digit',
        day: '2-digit',
        hour: '2-digit',
        minute: '2-digit',
        second: '2-digit',
        timeZoneName: 'longOffset',
      })),
    );
  return found;
};
const parts = (text: string, zone: string): { seconds: string; fraction: string; offset: string } => {
  const found = /^(.{19})(?:\.(\d{1,6}))?/.exec(text);
  const whole = Date.parse(`${(found?.[1] ?? '').replace(' ', 'T')}Z`);
  const {
    year,
    month,
    day,
    hour,
    minute,
    second,
    timeZoneName = '',
  } = Object.fromEntries(
    formatOf(zone)
      .formatToParts(whole)
      .map((p) => [p.type, p.value]),
  ) as Record<string, string>;
  return {
    seconds: `${year}-${month}-${day}T${hour}:${minute}:${second}`,
    fraction: (found?.[2] ?? '').padEnd(6, '0'),
    offset: timeZoneName.replace('GMT', '') || '+00:00',
  };
};
/**
 * `2019-11-21T16:43:25.073366+02:00` of an instant as PostgreSQL writes it in UTC; the fraction is left out when zero
 * (contract compute §1.1).
 */
export const localTime = (text: string, zone: string): string => {
  const { seconds, fraction, offset } = parts(text, zone);
  return `${seconds}${fraction === '000000' ? '' : `.${fraction}`}${offset}`;
};
/** The same in whole seconds, as instances show it. */
export const localSeconds = (text: string, zone: string): string => {
  const { seconds, offset } = parts(text, zone);
  return `${seconds}${offset}`;
};
