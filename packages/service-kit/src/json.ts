import { randomBytes } from 'node:crypto';
import { dropTrailing, ExactNumber } from '@nefos/contracts';
import { Fault } from './fault.js';

/** Deeper JSON is refused before it is parsed: no request needs it, and code that walks it would run out of stack. */
export const MAX_JSON_DEPTH = 100;
/** Makes the value of a number that a double would round, such as 9007199254740993 or 1e400, from its text. */
export type LongNumber = (written: string) => unknown;
/** The whole text is refused. */
export const refuseLong: LongNumber = () => {
  throw new Fault('invalid', 'body.number', { reason: 'a number has more digits than can be kept' });
};
/** The schema of the field reads the digits, or refuses them. */
export const keepDigits: LongNumber = (written) => new ExactNumber(written);
/** Whole numbers are bigint; others are refused. */
export const asBigInt: LongNumber = (written) => (/^-?\d{1,40}$/.test(written) ? BigInt(written) : refuseLong(written));

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Of a bracket or a brace, which differ by this bit. */
const BRACE_BIT = 0x20;
const OPENING = 0x7b;
const CLOSING = 0x7d;
const isDigit = (c: number): boolean => c >= 0x30 && c <= 0x39;
/** Characters that a number has after its first digit: digits, point, sign, e. */
const inNumber = (c: number): boolean =>
  isDigit(c) || c === 0x2e || c === 0x2b || c === 0x2d || c === 0x65 || c === 0x45;

/** Where the string ends that begins at `start`. */
const endOfString = (text: string, start: number): number => {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let before = end - 1;
    while (text.charCodeAt(before) === BACKSLASH) before -= 1;
    if ((end - before) % 2 === 1) return end;
  }
  return text.length;
};

const NUMBER = /^-?(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i;
/** A decimal number in one spelling: its significant digits and their exponent, without the sign. */
const canonical = (written: string): string | undefined => {
  const [, whole, fraction = '', exponent = '0'] = NUMBER.exec(written) ?? [];
  if (whole === undefined) return undefined;
  const digits = dropTrailing(whole + fraction, '0');
  let first = 0;
  while (digits[first] === '0') first += 1;
  if (first === digits.length) return '0';
  const dropped = whole.length + fraction.length - digits.length;
  return `${digits.slice(first)}e${Number(exponent) - fraction.length + dropped}`;
};
/** This many digits always fit, unless the number is very large or very small. */
const DIGITS_THAT_FIT = 15;
const isOrdinary = (n: number): boolean => Math.abs(n) > 1e-290 && Math.abs(n) < 1e290;
/** Whether a double holds the number as it is written. */
const fits = (written: string): boolean => {
  const n = Number(written);
  if (written.length <= DIGITS_THAT_FIT && isOrdinary(n)) return true;
  return /^-?\d+$/.test(written) ? Number.isSafeInteger(n) : canonical(written) === canonical(String(n));
};
/** Numbers of this kind in one text; no request has many, and each costs extra work. */
const MAX_LONG_NUMBERS = 1000;

interface Span {
  from: number;
  to: number;
}
/** Whether a double keeps the spelling as well: `1E3`, `1.50` and `-0` have the value, and are other texts. */
const keepsText = (written: string): boolean => String(Number(written)) === written;
/**
 * One pass that knows strings, brackets and numbers. `spelling`: of a number its text counts, not its value alone.
 * @returns where numbers stand that a double can not hold @throws Fault invalid/body.depth, body.number
 */
const inspect = (text: string, spelling: boolean): readonly Span[] => {
  const found: Span[] = [];
  let depth = 0;
  for (let i = 0; i < text.length; i += 1) {
    const c = text.charCodeAt(i);
    if (c === QUOTE) i = endOfString(text, i);
    else if ((c | BRACE_BIT) === OPENING) {
      depth += 1;
      if (depth > MAX_JSON_DEPTH)
        throw new Fault('invalid', 'body.depth', { reason: `the value is nested deeper than ${MAX_JSON_DEPTH}` });
    } else if ((c | BRACE_BIT) === CLOSING) depth -= 1;
    else if (isDigit(c)) {
      const from = text[i - 1] === '-' ? i - 1 : i;
      let exponent = false;
      while (i < text.length && inNumber(text.charCodeAt(i))) {
        exponent ||= (text.charCodeAt(i) | 0x20) === 0x65;
        i += 1;
      }
      if (
        spelling
          ? !keepsText(text.slice(from, i))
          : (exponent || i - from > DIGITS_THAT_FIT) && !fits(text.slice(from, i))
      ) {
        found.push({ from, to: i });
        if (found.length > MAX_LONG_NUMBERS)
          throw new Fault('invalid', 'body.number', {
            reason: `more than ${MAX_LONG_NUMBERS} numbers have more digits than can be kept`,
          });
      }
      i -= 1;
    }
  }
  return found;
};

// Secret, so that no text of a client is taken for a number.
const MARK = `number:${randomBytes(12).toString('hex')}:`;
const withLongNumbers = (text: string, spans: readonly Span[], longNumber: LongNumber): unknown => {
  const parts: string[] = [];
  let at = 0;
  for (const { from, to } of spans) {
    parts.push(text.slice(at, from), `"${MARK}${text.slice(from, to)}"`);
    at = to;
  }
  parts.push(text.slice(at));
  return JSON.parse(parts.join(''), (_key, one: unknown) =>
    typeof one === 'string' && one.startsWith(MARK) ? longNumber(one.slice(MARK.length)) : one,
  );
};

/**
 * Parses untrusted JSON: its depth is bounded, and no number is rounded silently. `spelling`: `longNumber` also gets
 * every number whose text differs from that of the double.
 * @throws Fault invalid/body.json, body.depth, body.number, each with `reason`
 */
export const parseJsonText = (text: string, longNumber: LongNumber, spelling = false): unknown => {
  const spans = inspect(text, spelling);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (err) {
    throw new Fault('invalid', 'body.json', { reason: (err as Error).message }, { cause: err });
  }
  return spans.length ? withLongNumbers(text, spans, longNumber) : value;
};
