import { z } from 'zod';

/** An instant that exists in the calendar and that PostgreSQL can store: years 1 to 9999 in UTC. */
export interface Instant {
  /** ISO 8601 with microseconds and an offset. */
  text: string;
  /** Milliseconds since 1970. */
  ms: number;
  /** Only a date was given: midnight in UTC. */
  dateOnly: boolean;
}
export interface InstantParts {
  date: string;
  time?: string | undefined;
  fraction?: string | undefined;
  offset?: string | undefined;
}
const FIRST = Date.parse('0001-01-01T00:00:00Z');
const LAST = Date.parse('9999-12-31T23:59:59.999Z');
/** A calendar date `YYYY-MM-DD` that exists. Date.parse alone takes the 31st of February for the 3rd of March. */
const isDate = (date: string): boolean => {
  const at = Date.parse(`${date}T00:00:00Z`);
  return at >= FIRST && new Date(at).toISOString().startsWith(date);
};
/** `hh:mm:ss`, none of them too large. */
const isTime = (time: string): boolean => {
  const [hour = 0, minute = 0, second = 0] = time.split(':').map(Number);
  return hour < 24 && minute < 60 && second < 60;
};
/** `Z`, or `+hh:mm` as far as PostgreSQL reads it. */
const isOffset = (offset: string): boolean => {
  const [hour = 0, minute = 0] = offset === 'Z' ? [] : offset.slice(1).split(':').map(Number);
  return hour < 16 && minute < 60;
};

/** Makes an instant of its parts; undefined when it does not exist. `offset` is `Z` or `+hh:mm`, by default UTC. */
export const instantOf = ({ date, time, fraction = '', offset = 'Z' }: InstantParts): Instant | undefined => {
  if (!isDate(date) || !isTime(time ?? '00:00:00') || !isOffset(offset)) return undefined;
  const text = `${date}T${time ?? '00:00:00'}.${fraction.slice(0, 6).padEnd(6, '0')}${offset}`;
  const ms = Date.parse(text);
  return ms >= FIRST && ms <= LAST ? { text, ms, dateOnly: time === undefined } : undefined;
};

const LONGEST = 40;
const PATTERN = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:?\d\d)?)?$/i;
/** Reads an instant in ISO 8601 from a request; undefined when it is none. Without an offset it is UTC. */
export const parseInstant = (given: string): Instant | undefined => {
  const [, date, minutes, seconds = '00', fraction, zone] = (given.length <= LONGEST && PATTERN.exec(given)) || [];
  if (date === undefined) return undefined;
  const offset = zone?.toUpperCase().replace(/^([+-]\d\d):?(\d\d)$/, '$1:$2');
  return instantOf({ date, time: minutes && `${minutes}:${seconds}`, fraction, offset });
};

/** An instant with an offset, as our own services write it. */
export const instant = z
  .string()
  .max(LONGEST, { abort: true })
  .check(z.iso.datetime({ offset: true, abort: true }))
  .refine((given) => parseInstant(given) !== undefined, { error: 'out of range' });
