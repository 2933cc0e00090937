import { dropTrailing, ExactNumber } from '@nefos/contracts';
import type { Json } from '../../values.js';
import { floatText, isWhole, pythonStr } from './python-text.js';

/** A format names what is not there, or is none. */
export class FormatError extends Error {}

/** `[[fill]align][sign][#][0][width][grouping][.precision][type]`; wider than five digits is none. */
const SPEC = /^(?:(.)?([<>=^]))?([+\- ]?)(#?)(0?)(\d{0,5})([,_]?)(?:\.(\d{1,3}))?([a-zA-Z%]?)$/su;
interface Spec {
  fill: string | undefined;
  align: string | undefined;
  sign: string;
  alternate: boolean;
  zero: boolean;
  width: number;
  separator: string;
  places: number | undefined;
  type: string;
}
const readSpec = (text: string): Spec => {
  const [whole, fill, align, sign = '', alternate, zero, width, separator = '', places, type = ''] =
    SPEC.exec(text) ?? [];
  if (whole === undefined) throw new FormatError(`Invalid format specifier '${text.slice(0, 50)}'`);
  return {
    ...{ fill, align, sign, separator, type },
    alternate: alternate === '#',
    zero: zero === '0',
    width: Number(width),
    places: places === undefined ? undefined : Number(places),
  };
};
const grouped = (digits: string, separator: string): string => {
  if (!separator) return digits;
  const parts: string[] = [];
  for (let end = digits.length; end > 0; end -= 3) parts.unshift(digits.slice(Math.max(0, end - 3), end));
  return parts.join(separator);
};

/** How a number is written: what stands before its digits, and these. */
interface Written {
  prefix: string;
  digits: string;
}
const BASES: Readonly<Record<string, number>> = { '': 10, d: 10, n: 10, b: 2, o: 8, x: 16, X: 16 };
const wholeText = (size: bigint, { type, alternate, separator, places }: Spec): Written | undefined => {
  const base = Object.hasOwn(BASES, type) ? BASES[type] : undefined;
  if (base === undefined) return undefined;
  if (places !== undefined) throw new FormatError('Precision not allowed in integer format specifier');
  const digits = grouped(size.toString(base), separator);
  return {
    prefix: alternate && base !== 10 ? `0${type.toLowerCase()}` : '',
    digits: type === 'X' ? digits.toUpperCase() : digits,
  };
};
/** More places than that are not written out. */
const MOST_PLACES = 100;
const exponential = (n: number, places: number): string =>
  n.toExponential(places).replace(/e([+-])(\d)$/, (_all, sign: string, digit: string) => `e${sign}0${digit}`);
/** @param point whether one digit stands behind it at least */
const general = (n: number, places: number, point = false): string => {
  const most = Math.max(1, places);
  const exponent = n === 0 ? 0 : Number(n.toExponential(most - 1).split('e')[1]);
  const plain = exponent >= -4 && exponent < (point ? most - 1 : most);
  const written = plain ? n.toFixed(Math.min(MOST_PLACES, most - 1 - exponent)) : exponential(n, most - 1);
  const [digits = '', ...power] = written.split('e');
  const short = digits.includes('.') ? dropTrailing(dropTrailing(digits, '0'), '.') : digits;
  const text = [short, ...power].join('e');
  return point && plain && !text.includes('.') ? `${text}.0` : text;
};
const fixed = (n: number, places: number): string =>
  n < 1e21 ? n.toFixed(places) : BigInt(n).toString() + (places > 0 ? `.${'0'.repeat(places)}` : '');
const FLOATS: Readonly<Record<string, (n: number, places: number) => string>> = {
  f: fixed,
  F: fixed,
  e: exponential,
  E: (n, places) => exponential(n, places).toUpperCase(),
  g: (n, places) => general(n, places),
  G: (n, places) => general(n, places).toUpperCase(),
  n: (n, places) => general(n, places),
  '%': (n, places) => `${fixed(n * 100, places)}%`,
};
const floatWritten = (size: number, { type, places, separator }: Spec): Written => {
  if (places !== undefined && places > MOST_PLACES) throw new FormatError(`more than ${MOST_PLACES} places`);
  const write = Object.hasOwn(FLOATS, type) ? FLOATS[type] : undefined;
  if (!write && type !== '') throw new FormatError(`Unknown format code '${type}' for a number`);
  if (!Number.isFinite(size)) return { prefix: '', digits: floatText(size) };
  const text = write ? write(size, places ?? 6) : places === undefined ? floatText(size) : general(size, places, true);
  const whole = text.search(/[^0-9]|$/);
  return { prefix: '', digits: grouped(text.slice(0, whole), separator) + text.slice(whole) };
};
const numberText = (value: number | boolean | ExactNumber, spec: Spec): string => {
  const plain = value instanceof ExactNumber ? value.text : value;
  const n = Number(plain);
  const negative = n < 0 || Object.is(n, -0);
  const big = typeof value === 'boolean' || isWhole(value) ? BigInt(plain) : undefined;
  const written =
    (big === undefined ? undefined : wholeText(big < 0n ? -big : big, spec)) ?? floatWritten(Math.abs(n), spec);
  const before = (negative ? '-' : spec.sign === '-' ? '' : spec.sign) + written.prefix;
  return padded(before, written.digits, spec, spec.zero ? '=' : '>');
};
const textText = (value: string, spec: Spec): string => {
  if (spec.type !== '' && spec.type !== 's') throw new FormatError(`Unknown format code '${spec.type}' for text`);
  if (spec.sign || spec.alternate || spec.separator || spec.align === '=')
    throw new FormatError('a sign, "#", "=" and grouping are not for text');
  return padded('', spec.places === undefined ? value : [...value].slice(0, spec.places).join(''), spec, '<');
};
const padded = (before: string, text: string, { fill, align, zero, width }: Spec, byItself: string): string => {
  const room = width - [...text].length - before.length;
  if (room <= 0) return before + text;
  const padding = (fill ?? (zero ? '0' : ' ')).repeat(room);
  switch (align ?? byItself) {
    case '<':
      return before + text + padding;
    case '=':
      return before + padding + text;
    case '^':
      return padding.slice(0, Math.floor(room / 2)) + before + text + padding.slice(Math.floor(room / 2));
    default:
      return padding + before + text;
  }
};
/** A value by a format specification, such as `08d`. @throws FormatError */
export const byFormat = (value: Json, text: string): string => {
  if (text === '') return pythonStr(value);
  const spec = readSpec(text);
  if (typeof value === 'string') return textText(value, spec);
  if (typeof value === 'number' || typeof value === 'boolean' || value instanceof ExactNumber)
    return numberText(value, spec);
  throw new FormatError('a list, an object and nothing take no format specification');
};
