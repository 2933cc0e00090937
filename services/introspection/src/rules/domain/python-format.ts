import { ExactNumber } from '@nefos/contracts';
import { isObject, valueAt, type Json, type JsonObject } from '../../values.js';
import { byFormat, FormatError } from './python-format-spec.js';
import { pythonAscii, pythonRepr, pythonStr } from './python-text.js';

export { FormatError } from './python-format-spec.js';

/** Of all texts that one value of a rule makes. */
const LONGEST = 1_000_000;
const ATTRIBUTE = /\.([A-Za-z][A-Za-z0-9_]{0,254})/y;
/** The keys of `[a][0]`, and of `.a`, where there are attributes. @throws FormatError when it is not of this form */
const keysOf = (path: string, name: string, attributes: boolean): string[] => {
  const keys: string[] = [];
  for (let at = 0; at < path.length;) {
    ATTRIBUTE.lastIndex = at;
    const attribute = attributes ? ATTRIBUTE.exec(path)?.[1] : undefined;
    if (attribute !== undefined) {
      keys.push(attribute);
      at += attribute.length + 1;
      continue;
    }
    const end = path.indexOf(']', at);
    if (path[at] !== '[' || end < 0) throw new FormatError(`'${name.slice(0, 100)}' names nothing`);
    keys.push(path.slice(at + 1, end));
    at = end + 1;
  }
  return keys;
};
/** What a key names in a value; a list's items have numbers. */
const inside = (value: Json, key: string): Json | undefined => {
  if (Array.isArray(value)) return /^\d{1,9}$/.test(key) ? value[Number(key)] : undefined;
  return isObject(value) ? valueAt(value, key) : undefined;
};
/** What `data[a][0]` names. @throws FormatError naming the key that is missing */
const lookUp = (name: string, variables: JsonObject): Json => {
  const at = name.search(/[.[]/);
  const variable = at < 0 ? name : name.slice(0, at);
  let value = valueAt(variables, variable);
  if (value === undefined) throw new FormatError(`there is no '${variable.slice(0, 100)}'`);
  for (const key of keysOf(name.slice(variable.length), name, variable === 'node')) {
    value = inside(value, key);
    if (value === undefined) throw new FormatError(`there is no '${key.slice(0, 100)}' in '${name.slice(0, 100)}'`);
  }
  return value;
};
const CONVERSIONS: Readonly<Record<string, (value: Json) => string>> = {
  r: (value) => pythonRepr(value),
  s: (value) => pythonStr(value),
  a: pythonAscii,
};
/** Literal text, or a field in braces; in brackets anything may stand. */
const PART = /([^{}]+|\{\{|\}\})|\{((?:[^{}[]|\[[^\]]*\])*)\}|[{}]/g;
/** Name, conversion and specification of a field. */
const FIELD = /^((?:[^!:[]|\[[^\]]*\])*)(?:!([^:]*))?(?::(.*))?$/s;
/** @param counted also what a precision cuts off again: it had to be made */
const fieldText = (field: string, variables: JsonObject, counted: (part: string) => string): string => {
  const [, name = '', conversion, spec = ''] = FIELD.exec(field) ?? [];
  const value = lookUp(name, variables);
  const specified = (one: Json): string => {
    if (spec !== '' && typeof one === 'string') counted(one);
    return byFormat(one, spec);
  };
  if (conversion === undefined) return specified(value);
  const convert = Object.hasOwn(CONVERSIONS, conversion) ? CONVERSIONS[conversion] : undefined;
  if (!convert) throw new FormatError(`Unknown conversion specifier '${conversion.slice(0, 20)}'`);
  return specified(convert(value));
};

/** Counts the length of what is made. @throws FormatError when it is too much */
const counter = (spend?: (steps: number) => void): ((part: string) => string) => {
  let length = 0;
  return (part) => {
    length += part.length;
    spend?.(part.length);
    if (length > LONGEST) throw new FormatError('the text becomes too long');
    return part;
  };
};
const format = (text: string, variables: JsonObject, counted: (part: string) => string): string => {
  const parts: string[] = [];
  for (const [whole, literal, field] of text.matchAll(PART)) {
    if (literal === '{{' || literal === '}}') parts.push(counted(literal.slice(1)));
    else if (literal !== undefined) parts.push(counted(literal));
    else if (field !== undefined) parts.push(counted(fieldText(field, variables, counted)));
    else throw new FormatError(`Single '${whole}' encountered in format string`);
  }
  return parts.join('');
};
/** A node has plain numbers. @throws FormatError */
const asNumber = ({ text }: ExactNumber): number => {
  const n = Number(text);
  if (!Number.isFinite(n)) throw new FormatError(`the number ${text.slice(0, 50)} is too large`);
  return n;
};
/**
 * Text in Python's format syntax: `{data[inventory][bmc_address]}`, `{{`, `!r`, `:08d` (contract introspection §8.4).
 * @throws FormatError
 */
export const formatText = (text: string, variables: JsonObject): string => format(text, variables, counter());
/**
 * Texts at any depth, keys included; what is no text stays as it is.
 * @param spend is told of each character, and may end it by throwing @throws FormatError
 */
export const formatValue = (value: Json, variables: JsonObject, spend?: (steps: number) => void): Json => {
  const counted = counter(spend);
  const walk = (one: Json): Json => {
    if (typeof one === 'string') return format(one, variables, counted);
    if (Array.isArray(one)) return one.map(walk);
    if (one instanceof ExactNumber) return asNumber(one);
    if (!isObject(one)) return one;
    return Object.fromEntries(Object.entries(one).map(([key, item]) => [format(key, variables, counted), walk(item)]));
  };
  return walk(value);
};
