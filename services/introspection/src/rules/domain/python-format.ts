import { isObject, type Json, type JsonObject } from '../../values.js';
import { pythonRepr, pythonStr } from './python-text.js';

/** A format names what is not there, or is none. */
export class FormatError extends Error {}

const LONGEST = 1_000_000;
const SPEC = /^(?:(.)?([<>=^]))?([+\- ]?)(#?)(0?)(\d{0,5})([,_]?)(?:\.(\d{1,5}))?([a-zA-Z%]?)$/su;

const grouped = (digits: string, separator: string): string =>
  separator ? digits.replace(/\B(?=(\d{3})+(?!\d))/g, separator) : digits;
const INTEGERS: Readonly<Record<string, (n: bigint, alternate: boolean) => string>> = {
  '': (n) => n.toString(),
  d: (n) => n.toString(),
  b: (n, alternate) => (alternate ? '0b' : '') + n.toString(2),
  o: (n, alternate) => (alternate ? '0o' : '') + n.toString(8),
  x: (n, alternate) => (alternate ? '0x' : '') + n.toString(16),
  X: (n, alternate) => (alternate ? '0X' : '') + n.toString(16).toUpperCase(),
};
const FLOATS: Readonly<Record<string, (n: number, places: number) => string>> = {
  f: (n, places) => n.toFixed(Math.min(places, 100)),
  F: (n, places) => n.toFixed(Math.min(places, 100)),
  e: (n, places) => n.toExponential(Math.min(places, 100)).replace(/e([+-])(\d)$/, 'e$10$2'),
  '%': (n, places) => `${(n * 100).toFixed(Math.min(places, 100))}%`,
};
const numberText = (n: number, type: string, places: string | undefined, alternate: boolean, separator: string) => {
  const size = Math.abs(n);
  const float = FLOATS[type];
  if (float) {
    const [whole = '', ...rest] = float(size, places === undefined ? 6 : Number(places)).split('.');
    return [grouped(whole, separator), ...rest].join('.');
  }
  const integer = INTEGERS[type];
  if (integer && Number.isInteger(n) && places === undefined)
    return grouped(integer(BigInt(size), alternate), separator);
  if (type === '' || type === 'g' || type === 'n')
    return String(places === undefined ? size : Number(size.toPrecision(Math.max(1, Number(places)))));
  throw new FormatError(`Unknown format code '${type}' for a number`);
};
/** A value by a format specification, such as `08d`. @throws FormatError */
const bySpec = (value: Json, spec: string): string => {
  if (spec === '') return pythonStr(value);
  const [, fill, align, sign = '', alternate = '', zero = '', width = '', separator = '', places, type = ''] =
    SPEC.exec(spec) ?? [];
  if (!SPEC.test(spec)) throw new FormatError(`Invalid format specifier '${spec.slice(0, 50)}'`);
  const n = typeof value === 'number' ? value : typeof value === 'boolean' && type !== '' ? Number(value) : undefined;
  let text: string;
  let before = '';
  if (n === undefined) {
    if (typeof value !== 'string' && typeof value !== 'boolean')
      throw new FormatError('a list, an object and nothing take no format specification');
    if (type !== '' && type !== 's') throw new FormatError(`Unknown format code '${type}' for text`);
    text = places === undefined ? pythonStr(value) : [...pythonStr(value)].slice(0, Number(places)).join('');
  } else {
    text = numberText(n, type, places, alternate !== '', separator);
    before = n < 0 || Object.is(n, -0) ? '-' : sign === '-' ? '' : sign;
  }
  const room = Number(width) - [...text].length - before.length;
  if (room <= 0) return before + text;
  const padding = (fill ?? (zero && !align ? '0' : ' ')).repeat(room);
  switch (align ?? (zero && n !== undefined ? '=' : n === undefined ? '<' : '>')) {
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

const STEP = /\[([^\]]*)\]|\.([^.[]+)/gy;
/** What `data[a][0]` names. @throws FormatError naming the key that is missing */
const lookUp = (name: string, variables: JsonObject): Json => {
  const [, variable = '', path = ''] = /^([^.[]*)(.*)$/s.exec(name) ?? [];
  if (!Object.hasOwn(variables, variable)) throw new FormatError(`there is no '${variable.slice(0, 100)}'`);
  let value = variables[variable] as Json;
  STEP.lastIndex = 0;
  while (STEP.lastIndex < path.length) {
    const [, key] = STEP.exec(path) ?? [];
    if (key === undefined) throw new FormatError(`'${name.slice(0, 100)}' names nothing`);
    const missing = new FormatError(`there is no '${key.slice(0, 100)}' in '${name.slice(0, 100)}'`);
    if (Array.isArray(value)) {
      if (!/^\d{1,9}$/.test(key) || Number(key) >= value.length) throw missing;
      value = value[Number(key)] as Json;
    } else if (isObject(value) && Object.hasOwn(value, key)) value = value[key] as Json;
    else throw missing;
  }
  return value;
};

/**
 * Text in Python's format syntax: `{data[inventory][bmc_address]}`, `{{`, `!r`, `:08d` (contract introspection §8.4).
 * @throws FormatError
 */
export const formatText = (text: string, variables: JsonObject): string => {
  const parts: string[] = [];
  let length = 0;
  const add = (part: string): void => {
    length += part.length;
    if (length > LONGEST) throw new FormatError('the text becomes too long');
    parts.push(part);
  };
  for (const [whole, literal, field] of text.matchAll(/([^{}]+|\{\{|\}\})|\{([^{}]*)\}|[{}]/g)) {
    if (literal !== undefined) add(literal === '{{' ? '{' : literal === '}}' ? '}' : literal);
    else if (field === undefined) throw new FormatError(`Single '${whole}' encountered in format string`);
    else {
      const [, name = '', conversion, spec = ''] = /^([^!:]*)(?:!([^:]*))?(?::(.*))?$/s.exec(field) ?? [];
      const value = lookUp(name, variables);
      if (conversion !== undefined && !['r', 's', 'a'].includes(conversion))
        throw new FormatError(`Unknown conversion specifier '${conversion.slice(0, 20)}'`);
      add(bySpec(conversion === undefined ? value : conversion === 's' ? pythonStr(value) : pythonRepr(value), spec));
    }
  }
  return parts.join('');
};
/** Texts at any depth, keys included; what is no text stays as it is. @throws FormatError */
export const formatValue = (value: Json, variables: JsonObject): Json => {
  if (typeof value === 'string') return formatText(value, variables);
  if (Array.isArray(value)) return value.map((one) => formatValue(one, variables));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [formatText(key, variables), formatValue(one, variables)]),
  );
};
