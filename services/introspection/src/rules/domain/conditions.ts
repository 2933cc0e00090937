import { RE2JS } from 're2js';
import { inNetwork, ipOf, networkOf } from '../../addresses.js';
import { isObject, type Json, type JsonObject } from '../../values.js';
import { Unusable } from '../../processing/domain/hook.js';
import { findByPath, parsePath } from './field-path.js';
import { pythonStr } from './python-text.js';
import type { Condition } from './rule.js';

/** What conditions are about. */
export interface Subjects {
  data: JsonObject;
  /** The node, with `id` beside `uuid` (contract §8.2). */
  node: JsonObject;
}
const LONGEST_TEXT = 1_000_000;
const SCHEME = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/s;
/** Where a field is looked for, and its path. @returns undefined: it is no field */
export const readField = (field: string) => {
  const [, scheme = 'data', rest = field] = SCHEME.exec(field) ?? [];
  const path = parsePath(rest);
  return (scheme === 'data' || scheme === 'node') && path ? { scheme, path } : undefined;
};

/** The value of a field, as the value that it is compared with wants it. @throws Unusable when it can not be one */
const coerced = (value: Json, wanted: Json, { field }: Condition): Json => {
  if (typeof wanted !== 'number' && typeof wanted !== 'boolean') return value;
  const text = typeof value === 'string' ? value.trim() : value;
  const n = typeof text === 'boolean' ? Number(text) : typeof text === 'string' && text !== '' ? Number(text) : text;
  if (
    typeof n !== 'number' ||
    !Number.isFinite(n) ||
    (typeof value === 'string' && !isFloat(wanted) && !/^[+-]?\d+$/.test(String(text)))
  )
    throw new Unusable(
      `The value of "${field}" is no number, which a rule compares it with: ${pythonStr(value).slice(0, 200)}`,
    );
  return isFloat(wanted) ? n : Math.trunc(n);
};
const isFloat = (value: Json): boolean => typeof value === 'number' && !Number.isInteger(value);

type Order = (a: number | string, b: number | string) => boolean;
const ordered =
  (compare: Order) =>
  (value: Json, condition: Condition): boolean => {
    const wanted = condition.value as Json;
    const own = coerced(value, wanted, condition);
    const other = typeof wanted === 'boolean' ? Number(wanted) : wanted;
    if (typeof own !== typeof other || (typeof own !== 'number' && typeof own !== 'string'))
      throw new Unusable(`The value of "${condition.field}" can not be put in an order with that of a rule`);
    return compare(own, other as number | string);
  };
/** As Python compares: numbers and booleans by value, lists and objects by what is in them. */
const equal = (a: Json, b: Json): boolean => {
  if (typeof a === 'boolean' || typeof b === 'boolean')
    return (
      (typeof a === 'boolean' || typeof a === 'number') &&
      (typeof b === 'boolean' || typeof b === 'number') &&
      Number(a) === Number(b)
    );
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((one, i) => equal(one, b[i] as Json));
  if (isObject(a) && isObject(b)) {
    const keys = Object.keys(a);
    return (
      keys.length === Object.keys(b).length &&
      keys.every((key) => Object.hasOwn(b, key) && equal(a[key] as Json, b[key] as Json))
    );
  }
  return a === b;
};
const isEmpty = (value: Json): boolean =>
  value === null || value === '' || (typeof value === 'object' && Object.keys(value).length === 0);

/** A regular expression of a rule, on an engine whose time grows with the text alone. @returns undefined: it is none */
export const readPattern = (text: string): RE2JS | undefined => {
  try {
    return RE2JS.compile(text.replaceAll('(?<', '(?P<'));
  } catch {
    return undefined;
  }
};
const patterned =
  (how: 'matches' | 'find') =>
  (value: Json, { value: wanted }: Condition): boolean => {
    const pattern = readPattern(String(wanted));
    const matcher = pattern?.matcher(pythonStr(value).slice(0, LONGEST_TEXT));
    return matcher !== undefined && (how === 'find' ? matcher.find() : matcher.matches());
  };
const OPS: Readonly<Record<string, (value: Json, condition: Condition) => boolean>> = {
  eq: (value, c) => equal(coerced(value, c.value as Json, c), c.value as Json),
  ne: (value, c) => !equal(coerced(value, c.value as Json, c), c.value as Json),
  lt: ordered((a, b) => a < b),
  le: ordered((a, b) => a <= b),
  gt: ordered((a, b) => a > b),
  ge: ordered((a, b) => a >= b),
  'in-net': (value, { value: wanted, field }) => {
    const address = ipOf(value);
    const network = networkOf(wanted);
    if (address === undefined) throw new Unusable(`The value of "${field}" is no IP address`);
    return network !== undefined && inNetwork(address, network);
  },
  matches: patterned('matches'),
  contains: patterned('find'),
  'is-empty': isEmpty,
};

/**
 * Whether a condition holds. A field that is not there meets none but `is-empty`, also inverted.
 * @throws Unusable when values can not be compared
 */
export const holds = (condition: Condition, { data, node }: Subjects): boolean => {
  const field = readField(condition.field);
  const test = OPS[condition.op];
  if (!field || !test) return false;
  let values = findByPath(field.path, field.scheme === 'node' ? node : data);
  if (values.length === 0) {
    if (condition.op !== 'is-empty') return false;
    values = [null];
  }
  const meets = (value: Json): boolean => test(value, condition) !== condition.invert;
  if (condition.multiple === 'first') return meets(values[0] as Json);
  return condition.multiple === 'all' ? values.every(meets) : values.some(meets);
};
