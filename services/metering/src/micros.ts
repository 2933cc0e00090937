/** Microseconds since 1970 of an instant, as a number: exact from 1685 to 2255. */
export const MICROS = (column: string): string => `(extract(epoch from ${column}) * 1000000)::float8`;
/** And back. */
export const FROM_MICROS = (expression: string): string =>
  `(timestamptz 'epoch' + ${expression} * interval '1 microsecond')`;
