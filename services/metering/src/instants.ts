import { instantOf } from '@nefos/contracts';

/** Longer text is no instant: a date, a time to the microsecond, an offset, and room for blanks. */
const LONGEST = 64;
// The text has no outer blanks, so the one run of blanks in it can not exchange characters with another.
const PATTERN =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{0,6}))?)?(?:\s*(Z|[+-]\d\d(?::?\d\d)?)|\s+(\d\d:\d\d))?)?$/i;

const read = (text: string): { date: string; instant: string } | undefined => {
  const found = text.length > LONGEST ? null : PATTERN.exec(text.trim());
  if (!found) return undefined;
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction, offsetText, afterBlank] = found;
  const date = `${year}-${month}-${day}`;
  // A plus that was not encoded arrives as a blank (contract metering §6).
  const zone = offsetText?.toUpperCase() ?? (afterBlank === undefined ? 'Z' : `+${afterBlank}`);
  const offset = zone.replace(/^([+-]\d\d):?(\d\d)?$/, (_, hours: string, minutes = '00') => `${hours}:${minutes}`);
  const instant = instantOf({ date, time: `${hour}:${minute}:${second}`, fraction, offset });
  return instant && { date, instant: instant.text };
};

/** An instant in any of the documented forms, as ISO 8601; without an offset it is UTC. */
export const readInstant = (text: string): string | undefined => read(text)?.instant;
/** A date, or a date-time that loses its time without regard to its zone (contract metering §9.1). */
export const readDate = (text: string): string | undefined => read(text)?.date;

const DAY_MS = 86_400_000;
/** Midnight (UTC) of a date in days since 1970, and back. */
export const dayNumber = (date: string): number => Date.parse(`${date}T00:00:00Z`) / DAY_MS;
export const dateOf = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);
export const today = (now: Date): number => Math.floor(now.getTime() / DAY_MS);
