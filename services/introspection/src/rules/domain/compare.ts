import { ExactNumber } from '@nefos/contracts';
import { isObject, type Json } from '../../values.js';
import { pythonStr } from './python-text.js';

// How values are compared (contract introspection §8.2). A field becomes what the rule's value is: a float, or a whole
// number. Whole numbers are bigint, so that none is rounded.

/** Two values that can not be compared. */
export class OrderError extends Error {}

const WHOLE = /^[+-]?\d{1,4300}$/;
const FLOAT = /^[+-]?(?:(?:\d{1,4300}(?:\.\d{0,4300})?|\.\d{1,4300})(?:e[+-]?\d{1,10})?|inf(?:inity)?|nan)$/i;
const bad = (value: Json): OrderError => new OrderError(`"${pythonStr(value, 200)}" is no number`);
const numberIn = (text: string): number => {
  const plain = text.toLowerCase().replace(/^\+/, '');
  if (/^-?inf/.test(plain)) return plain.startsWith('-') ? -Infinity : Infinity;
  return plain.endsWith('nan') ? NaN : Number(plain);
};
/** A number as it is: a whole one as bigint. @returns undefined: it is none */
const exact = (value: Json): bigint | number | undefined => {
  if (typeof value === 'boolean') return BigInt(value);
  if (value instanceof ExactNumber) return WHOLE.test(value.text) ? BigInt(value.text) : Number(value.text);
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value;
  return undefined;
};
const asFloat = (value: Json): number => {
  if (typeof value === 'string') {
    if (!FLOAT.test(value.trim())) throw bad(value);
    return numberIn(value.trim());
  }
  const n = exact(value);
  if (n === undefined) throw bad(value);
  return Number(n);
};
const asWhole = (value: Json): bigint => {
  if (typeof value === 'string') {
    if (!WHOLE.test(value.trim())) throw bad(value);
    return BigInt(value.trim().replace(/^\+/, ''));
  }
  const n = exact(value);
  if (n === undefined || (typeof n === 'number' && !Number.isFinite(n))) throw bad(value);
  return typeof n === 'bigint' ? n : BigInt(Math.trunc(n));
};

const DEEPEST = 200;
/** As Python compares: numbers and booleans by value, lists and objects by what is in them. */
const alike = (a: Json, b: Json, depth = 0): boolean => {
  if (depth > DEEPEST) return false;
  const [n, m] = [exact(a), exact(b)];
  // Of a bigint and a number the loose comparison is by value, and exact.
  if (n !== undefined || m !== undefined) return n !== undefined && m !== undefined && n <= m && n >= m;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((one, i) => alike(one, b[i] as Json, depth + 1));
  if (isObject(a) && isObject(b)) {
    const keys = Object.keys(a);
    return (
      keys.length === Object.keys(b).length &&
      keys.every((key) => Object.hasOwn(b, key) && alike(a[key] as Json, b[key] as Json, depth + 1))
    );
  }
  return a === b;
};

/** Whether a field's value is a rule's. @throws OrderError */
export const equal = (value: Json, wanted: Json): boolean => {
  const other = exact(wanted);
  if (typeof other === 'bigint') return asWhole(value) === other;
  if (typeof other === 'number') return asFloat(value) === other;
  return alike(value, wanted);
};
/** Whether two values are the same, without making one the kind of the other. */
export const isSame = (a: Json, b: Json): boolean => alike(a, b);
const sign = (less: boolean, more: boolean): number => (less ? -1 : more ? 1 : 0);
/** Below, at or above zero, as a field's value is before, at or after a rule's. NaN is neither. @throws OrderError */
export const compared = (value: Json, wanted: Json): number => {
  const other = exact(wanted);
  if (typeof other === 'bigint') {
    const own = asWhole(value);
    return sign(own < other, own > other);
  }
  if (typeof other === 'number') {
    const own = asFloat(value);
    return Number.isNaN(own) ? NaN : sign(own < other, own > other);
  }
  if (typeof value !== 'string' || typeof wanted !== 'string')
    throw new OrderError('only numbers and texts are in an order');
  return sign(value < wanted, value > wanted);
};
/** The same of two values as they are: numbers and texts are in an order, each among themselves. @throws OrderError */
export const orderOf = (a: Json, b: Json): number => {
  const [n, m] = [exact(a), exact(b)];
  if (n !== undefined && m !== undefined) {
    if (Number.isNaN(Number(n)) || Number.isNaN(Number(m))) return NaN;
    return sign(n < m, n > m);
  }
  if (typeof a !== 'string' || typeof b !== 'string') throw new OrderError('only numbers and texts are in an order');
  return sign(a < b, a > b);
};
