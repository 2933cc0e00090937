import { parseInstant, type Instant } from '@nefos/contracts';
import { isoZ6 } from '@nefos/service-kit';

/** Whole seconds with `Z` (contract compute §12.3, strictness of clients). @param at as the database has it */
export const secondsZ = (at: string): string => `${isoZ6(at).slice(0, 19)}Z`;
/** Microseconds without a zone, as gophercloud reads them: `2019-11-27T12:36:50.000000`. */
export const microseconds = (at: string): string => isoZ6(at).slice(0, 26);
/**
 * A time of a query; in UTC where it has no zone. A plus sign that was sent as it is comes as a blank.
 * @returns undefined: it is none
 */
export const readInstant = (text: string): Instant | undefined =>
  parseInstant(text.replace(/(:\d\d(?:\.\d{1,9})?) (\d\d:?\d\d)$/, '$1+$2'));
/** The same, as PostgreSQL reads it. */
export const queryInstant = (text: string): string | undefined => readInstant(text)?.text;
