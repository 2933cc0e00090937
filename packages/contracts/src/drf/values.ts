import { ExactNumber } from '../exact-number.js';
import { badTextSentence, dropTrailing } from '../text.js';
import { field, type Check, type Common } from './field.js';

export interface CharOptions extends Common {
  max?: number;
  blank?: boolean;
  trim?: boolean;
}
/** More than `max` characters; a pair of surrogates is one. */
const isLonger = (given: string, max: number): boolean =>
  given.length > 2 * max || (given.length > max && [...given].length > max);
const text =
  (o: CharOptions): Check<string> =>
  (value, refuse) => {
    if (typeof value !== 'string' && typeof value !== 'number' && !(value instanceof ExactNumber))
      return refuse('not_string');
    const given = o.trim === false ? String(value) : String(value).trim();
    if (given === '' && !o.blank) return refuse('blank');
    if (o.max !== undefined && isLonger(given, o.max)) return refuse('max_length', { max: o.max });
    const bad = badTextSentence(given);
    return bad === undefined ? given : refuse('text', { text: bad });
  };
/** Text; outer blanks are dropped, numbers become text. */
export const char = <const O extends CharOptions>(o: O) =>
  field<string, O>(o, { type: 'string', ...(o.max !== undefined && { maxLength: o.max }) }, text(o));

const EMAIL = /^[^\s@<>()[\]\\,;:"]+@(?:[^\s@.]+\.)+[A-Za-z0-9-]{2,63}$/;
export const email = <const O extends CharOptions>(o: O) =>
  field<string, O>(o, { type: 'string', format: 'email' }, (value, refuse) => {
    const given = text({ max: 254, ...o })(value, refuse);
    return given === '' || EMAIL.test(given) ? given : refuse('email');
  });

/** Text of a number that is longer is not looked at (the framework's own bound). */
const LONGEST_NUMBER = 1000;
const tooLarge = { text: 'String value too large.' };
const INTEGER = /^\s*[+-]?\d+(_\d+)*\s*(\.0*)?$/;
export interface IntegerOptions extends Common {
  min?: number;
  max?: number;
}
/** A whole number; text that spells one is taken. */
export const integer = <const O extends IntegerOptions>(o: O) =>
  field<number, O>(o, { type: 'integer' }, (value, refuse) => {
    const given = value instanceof ExactNumber ? value.text : value;
    if (typeof given === 'string' && given.length > LONGEST_NUMBER) return refuse('text', tooLarge);
    if (typeof given !== 'number' && !(typeof given === 'string' && INTEGER.test(given))) return refuse('integer');
    const n = typeof given === 'number' ? given : Number(given.replaceAll('_', ''));
    if (!Number.isSafeInteger(n)) return refuse('integer');
    if (o.max !== undefined && n > o.max) return refuse('max_value', { max: o.max });
    if (o.min !== undefined && n < o.min) return refuse('min_value', { min: o.min });
    return n;
  });

const TRUE = new Set<unknown>([
  true,
  1,
  '1',
  't',
  'T',
  'y',
  'Y',
  'yes',
  'YES',
  'true',
  'True',
  'TRUE',
  'on',
  'On',
  'ON',
]);
const FALSE = new Set<unknown>([
  false,
  0,
  '0',
  'f',
  'F',
  'n',
  'N',
  'no',
  'NO',
  'false',
  'False',
  'FALSE',
  'off',
  'Off',
  'OFF',
]);
/** true or false in any of the framework's spellings, and in no other. */
export const boolean = <const O extends Common>(o: O) =>
  field<boolean, O>(o, { type: 'boolean' }, (value, refuse) =>
    TRUE.has(value) ? true : FALSE.has(value) ? false : refuse('boolean'),
  );

const ECHO = 256;
/** What a refusal repeats of what was sent. */
const shortened = (given: string): string =>
  given.length > ECHO ? `${given.slice(0, ECHO).toWellFormed()}...` : given;
export const choice = <const V extends string, const O extends Common>(values: readonly V[], o: O) =>
  field<V, O>(o, { type: 'string', enum: values }, (value, refuse) =>
    values.includes(value as V)
      ? (value as V)
      : refuse('choice', { input: shortened(typeof value === 'string' ? value : JSON.stringify(value)) }),
  );

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
/** A UUID, lower-cased and hyphenated. */
export const uuid = <const O extends Common>(o: O) =>
  field<string, O>(o, { type: 'string', format: 'uuid' }, (value, refuse) => {
    if (typeof value !== 'string' || !UUID.test(value)) return refuse('uuid');
    const hex = value.replaceAll('-', '').toLowerCase();
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  });

export interface DecimalOptions extends Common {
  places?: number;
  min?: string;
}
/** Longest text of an amount: 15 digits, a point and places, with room for blanks. */
const LONGEST_DECIMAL = 40;
const DECIMAL = /^([+-]?)(\d{1,15})(?:\.(\d*))?$/;
/** A decimal kept as text, so that no digit is lost. */
export const decimal = <const O extends DecimalOptions>(o: O) =>
  field<string, O>(
    o,
    { type: 'string', pattern: '^-?\\d+(\\.\\d+)?$', maxLength: LONGEST_DECIMAL },
    (value, refuse) => {
      if (typeof value !== 'string' && typeof value !== 'number' && !(value instanceof ExactNumber))
        return refuse('number');
      const sent = String(value);
      if (sent.length > LONGEST_DECIMAL) return refuse('text', tooLarge);
      const [, sign = '', whole, fraction = ''] = DECIMAL.exec(sent.trim()) ?? [];
      if (whole === undefined) return refuse('number');
      const places = dropTrailing(fraction, '0');
      if (o.places !== undefined && places.length > o.places) return refuse('decimal_places', { max: o.places });
      return `${sign === '-' ? '-' : ''}${whole}${places && `.${places}`}`;
    },
  );
