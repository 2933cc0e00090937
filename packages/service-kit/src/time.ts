/** `2026-01-01 00:00:00.123456+00` (PostgreSQL, UTC) to its parts; six digits of fraction always. */
const split = (text: string): { day: string; time: string; micros: string } => {
  const found = /^(\d{4,}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(?:\+00(?::?00)?|Z)$/.exec(text);
  if (!found) throw new Error(`not an instant in UTC: ${text}`);
  return { day: found[1] as string, time: found[2] as string, micros: (found[3] ?? '').padEnd(6, '0') };
};
/** `2013-06-19T15:23:59.975572+00:00`: six digits always (contract identity §1.6). */
export const isoOffset = (text: string): string => {
  const { day, time, micros } = split(text);
  return `${day}T${time}.${micros}+00:00`;
};
/** `2019-07-18T19:17:08.611383Z`, the fraction left out when it is zero (contract metering §4). */
export const isoZ = (text: string): string => {
  const { day, time, micros } = split(text);
  return `${day}T${time}${micros === '000000' ? '' : `.${micros}`}Z`;
};
/** `2026-01-01T00:00:00.000000Z`: six digits always (contract identity §12.1). */
export const isoZ6 = (text: string): string => {
  const { day, time, micros } = split(text);
  return `${day}T${time}.${micros}Z`;
};
/** Milliseconds since 1970 of an instant as PostgreSQL writes it. */
export const millis = (text: string): number => Date.parse(text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00'));
/** Microseconds since 1970, exact. */
export const micros = (text: string): bigint => {
  const { day, time, micros: us } = split(text);
  return BigInt(Date.parse(`${day}T${time}Z`)) * 1000n + BigInt(us);
};
