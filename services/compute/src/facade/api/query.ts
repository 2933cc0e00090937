import { MOST_ROWS } from '../../lists/keyset.js';
import { faceFault } from './refused.js';

/** The query of a request; where a name comes twice the last value counts, `all` gives them all. */
export type FaceQuery = Readonly<Record<string, unknown>>;

export const queryText = (query: FaceQuery, name: string): string | undefined => allTexts(query, name).at(-1);
export const allTexts = (query: FaceQuery, name: string): string[] => {
  const value = Object.hasOwn(query, name) ? query[name] : undefined;
  return (Array.isArray(value) ? value : [value]).filter((one) => typeof one === 'string');
};
const TRUE = /^(true|t|yes|y|on|1)$/i;
const FALSE = /^(false|f|no|n|off|0)$/i;
/** The words of OpenStack's services for true and false; undefined: it is neither. */
export const booleanOf = (text: string): boolean | undefined =>
  TRUE.test(text) ? true : FALSE.test(text) ? false : undefined;
/** Whether a flag of a body is set, which may be text. */
export const isTrue = (value: boolean | string | null | undefined): boolean =>
  value === true || (typeof value === 'string' && booleanOf(value) === true);
/** undefined: it is not there. @throws Fault invalid: neither true nor false */
export const queryBoolean = (query: FaceQuery, name: string): boolean | undefined => {
  const text = queryText(query, name);
  if (text === undefined) return undefined;
  const found = booleanOf(text);
  if (found !== undefined) return found;
  throw faceFault('invalid', `Invalid input for query parameters ${name}. Value: ${text}. '${text}' is no boolean`);
};
/** Whether `desc` was said, and not `asc`. @param refuse what is said of anything else */
export const isDescending = (dir: string, refuse: (dir: string) => Error): boolean => {
  if (dir === 'desc') return true;
  if (dir === 'asc') return false;
  throw refuse(dir.slice(0, 20));
};
/** @throws Fault invalid: no whole number, or a negative one */
const queryNumber = (query: FaceQuery, name: string): number | undefined => {
  const text = queryText(query, name);
  if (text === undefined) return undefined;
  if (!/^\d{1,18}$/.test(text))
    throw faceFault(
      'invalid',
      `Invalid input for query parameters ${name}. Value: ${text.slice(0, 100)}. ${name} must be an integer >= 0`,
    );
  return Number(text);
};
/**
 * How many rows a page may have: `limit`, at most `most`.
 * @throws Fault invalid: no whole number, or a negative one
 */
export const queryLimit = (query: FaceQuery, most = MOST_ROWS): number =>
  Math.min(queryNumber(query, 'limit') ?? most, most);
/** How many rows of a short list are left out: `offset`. @throws Fault as `queryLimit` */
export const queryOffset = (query: FaceQuery): number => queryNumber(query, 'offset') ?? 0;
