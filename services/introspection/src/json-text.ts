import { randomBytes } from 'node:crypto';
import { ExactNumber } from '@nefos/contracts';
import { Fault, keepDigits, parseJsonText } from '@nefos/service-kit';
import { isObject, type Json } from './values.js';

// Secret, so that no text of a client is taken for a number.
const MARK = `number:${randomBytes(12).toString('hex')}:`;
const MARKED = new RegExp(`"${MARK}([^"]*)"`, 'g');
/** Values whose JSON has the keys of objects in the order of the alphabet (contract §1.2). */
const sortedKeys = (value: object): object =>
  Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));

/** JSON text, in which each number has the spelling that it came with. */
export const jsonText = (value: unknown, sorted = false): string => {
  let marked = false;
  const text = JSON.stringify(value, function (this: Record<string, unknown>, key, one: unknown) {
    const own = this[key];
    if (own instanceof ExactNumber) {
      marked = true;
      return MARK + own.text;
    }
    return sorted && isObject(one) ? sortedKeys(one) : one;
  });
  return marked ? text.replace(MARKED, '$1') : text;
};
/**
 * The value of such a text. Where very many numbers have a spelling of their own, only those keep it that a double
 * does not hold.
 * @throws Fault invalid/body.*
 */
export const parseExactly = (text: string): Json => {
  try {
    return parseJsonText(text, keepDigits, true) as Json;
  } catch (err) {
    if (!(err instanceof Fault) || err.code !== 'body.number') throw err;
    return parseJsonText(text, keepDigits) as Json;
  }
};
