import { RE2JS } from 're2js';
import { inNetwork, ipOf, networkOf } from '../../addresses.js';
import { Unusable } from '../../processing/domain/hook.js';
import { isObject, type Json, type JsonObject } from '../../values.js';
import { Budget } from './budget.js';
import { compared, equal, OrderError } from './compare.js';
import { findByPath, parsePath } from './field-path.js';
import { pythonStr } from './python-text.js';
import type { Condition } from './rule.js';

/** What conditions are about. */
export interface Subjects {
  data: JsonObject;
  /** The node, under its own names and those of the SDK (contract §8.2). */
  node: JsonObject;
}
const SCHEME = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/s;
/** Where a field is looked for, and its path. @returns undefined: it is no field */
export const readField = (field: string) => {
  const [, scheme = 'data', rest = field] = SCHEME.exec(field) ?? [];
  const path = parsePath(rest);
  return (scheme === 'data' || scheme === 'node') && path ? { scheme, path } : undefined;
};

const LONGEST_PATTERN = 1000;
/** Instructions of its program: `a{1000}` has a thousand. */
const LARGEST_PATTERN = 10_000;
/** Steps that one instruction takes to be made. */
const COMPILING = 30;
/** Instructions that are tried at a character within one step. */
export const AT_ONCE = 4;
/**
 * A regular expression of a rule, on an engine whose time grows with the text alone.
 * @returns undefined: it is none, or a very large one
 */
export const readPattern = (text: string, budget: Budget): RE2JS | undefined => {
  if (text.length > LONGEST_PATTERN) return undefined;
  let pattern: RE2JS;
  try {
    pattern = RE2JS.compile(text);
  } catch {
    budget.spend(text.length * COMPILING);
    return undefined;
  }
  budget.spend(pattern.programSize() * COMPILING);
  return pattern.programSize() <= LARGEST_PATTERN ? pattern : undefined;
};
/** Steps of looking at one value on the way of a path. */
const VISIT = 3;
/** A test of one value, made once for all values of a condition. */
type Test = (value: Json) => boolean;
type MakeTest = (condition: Condition, budget: Budget) => Test;
const patterned =
  (how: 'matches' | 'find'): MakeTest =>
  ({ value: wanted = null }, budget) => {
    const pattern = readPattern(pythonStr(wanted), budget);
    if (!pattern) return () => false;
    const perCharacter = Math.ceil(pattern.programSize() / AT_ONCE);
    return (value) => {
      const text = pythonStr(value);
      budget.spend(1 + text.length * perCharacter);
      const matcher = pattern.matcher(text);
      return how === 'find' ? matcher.find() : matcher.matches();
    };
  };
const ordered =
  (meets: (order: number) => boolean): MakeTest =>
  ({ field, value: wanted = null }) =>
  (value) => {
    try {
      return meets(compared(value, wanted));
    } catch (err) {
      if (err instanceof OrderError)
        throw new Unusable(`The value of "${field}" can not be compared with that of a rule: ${err.message}`);
      throw err;
    }
  };
const same =
  (wantsSame: boolean): MakeTest =>
  ({ field, value: wanted = null }) =>
  (value) => {
    try {
      return equal(value, wanted) === wantsSame;
    } catch (err) {
      if (err instanceof OrderError)
        throw new Unusable(`The value of "${field}" can not be compared with that of a rule: ${err.message}`);
      throw err;
    }
  };
const inNet: MakeTest = ({ field, value: wanted }) => {
  const network = networkOf(wanted);
  return (value) => {
    // An interface without an address is in no network.
    if (value === null || value === '') return false;
    const address = ipOf(value);
    if (address === undefined) throw new Unusable(`The value of "${field}" is no IP address`);
    return network !== undefined && inNetwork(address, network);
  };
};
const isEmpty = (value: Json): boolean =>
  value === null || value === '' || ((Array.isArray(value) || isObject(value)) && Object.keys(value).length === 0);
const TESTS: Readonly<Record<string, MakeTest>> = {
  eq: same(true),
  ne: same(false),
  lt: ordered((order) => order < 0),
  le: ordered((order) => order <= 0),
  gt: ordered((order) => order > 0),
  ge: ordered((order) => order >= 0),
  'in-net': inNet,
  matches: patterned('matches'),
  contains: patterned('find'),
  'is-empty': () => isEmpty,
};

/**
 * Whether a condition holds. A field that is not there meets none but `is-empty`, also inverted.
 * @throws Unusable when values can not be compared, and when the rules take too long
 */
export const holds = (condition: Condition, { data, node }: Subjects, budget = new Budget()): boolean => {
  const field = readField(condition.field);
  const test = TESTS[condition.op]?.(condition, budget);
  if (!field || !test) return false;
  let values = findByPath(field.path, field.scheme === 'node' ? node : data, (visited) =>
    budget.spend(visited * VISIT),
  );
  if (values.length === 0) {
    if (condition.op !== 'is-empty') return false;
    values = [null];
  }
  const meets = (value: Json): boolean => test(value) !== condition.invert;
  if (condition.multiple === 'first') return meets(values[0] as Json);
  return condition.multiple === 'all' ? values.every(meets) : values.some(meets);
};
