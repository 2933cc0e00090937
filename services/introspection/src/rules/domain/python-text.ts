import { ExactNumber } from '@nefos/contracts';
import type { Json } from '../../values.js';

// How Python, in which rules were written first, spells values (contract introspection §8.4).

const NAMED: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
const hex = (code: number): string =>
  code <= 0xff
    ? `\\x${code.toString(16).padStart(2, '0')}`
    : code <= 0xffff
      ? `\\u${code.toString(16).padStart(4, '0')}`
      : `\\U${code.toString(16).padStart(8, '0')}`;
const escaped = (c: string): string => NAMED[c] ?? hex(c.codePointAt(0) ?? 0);
/** What has no shape of its own; the space has one. */
const UNPRINTABLE = /[\\\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu;
const quoted = (text: string): string => {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const inside = text.replace(UNPRINTABLE, escaped);
  return quote + (quote === "'" ? inside.replaceAll("'", "\\'") : inside) + quote;
};
/** A float: its shortest digits, with an exponent from 1e16 on and below 0.0001. */
export const floatText = (n: number): string => {
  if (Number.isNaN(n)) return 'nan';
  if (!Number.isFinite(n)) return n < 0 ? '-inf' : 'inf';
  const [digits = '', exponent = '0'] = n.toExponential().split('e');
  const size = Math.abs(Number(exponent));
  if (Number(exponent) < -4 || Number(exponent) >= 16)
    return `${digits}e${exponent.startsWith('-') ? '-' : '+'}${String(size).padStart(2, '0')}`;
  const text = Object.is(n, -0) ? '-0' : String(n);
  return text.includes('.') ? text : text.includes('e') ? n.toFixed(size + digits.length) : `${text}.0`;
};
const WHOLE = /^-?\d{1,4300}$/;
/** Whether it was written as a whole number. From 1e21 on a double is written with an exponent, as a float. */
export const isWhole = (value: number | ExactNumber): boolean =>
  value instanceof ExactNumber ? WHOLE.test(value.text) : Number.isInteger(value) && Math.abs(value) < 1e21;
const numberText = (value: number | ExactNumber): string => (isWhole(value) ? String(value) : floatText(Number(value)));

/** Texts are made up to this length; the rest is cut off. */
const LONGEST = 1_000_000;
const DEEPEST = 500;
/** As `repr` spells it. @param most where it is cut off */
export const pythonRepr = (value: Json, most = LONGEST): string => {
  const parts: string[] = [];
  let length = 0;
  const add = (part: string): void => {
    length += part.length;
    parts.push(part);
  };
  const list = <T>(open: string, items: readonly T[], close: string, write: (item: T) => void): void => {
    add(open);
    for (const [i, item] of items.entries()) {
      if (length > most) break;
      if (i > 0) add(', ');
      write(item);
    }
    add(close);
  };
  const walk = (one: Json, depth: number): void => {
    if (typeof one === 'string') add(quoted(one.slice(0, most)));
    else if (one === null) add('None');
    else if (typeof one === 'boolean') add(one ? 'True' : 'False');
    else if (typeof one === 'number' || one instanceof ExactNumber) add(numberText(one));
    else if (depth > DEEPEST) add('...');
    else if (Array.isArray(one)) list('[', one, ']', (item) => walk(item, depth + 1));
    else
      list('{', Object.keys(one), '}', (key) => {
        add(`${quoted(key.slice(0, most))}: `);
        walk(one[key] as Json, depth + 1);
      });
  };
  walk(value, 0);
  const text = parts.join('');
  return text.length > most ? text.slice(0, most) : text;
};
/** As `str` spells it. */
export const pythonStr = (value: Json, most = LONGEST): string =>
  typeof value === 'string' ? value.slice(0, most) : pythonRepr(value, most);
/** As `ascii` spells it. */
export const pythonAscii = (value: Json): string => pythonRepr(value).replace(/[^\0-\x7f]/gu, escaped);
