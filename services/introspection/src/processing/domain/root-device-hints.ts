import { isObject, numberOf, shown, type Json, type JsonObject } from '../../values.js';
import { Unusable } from './hook.js';

/** Hints and how they compare (contract §7.3). */
const KINDS = {
  size: 'number',
  rotational: 'boolean',
  model: 'text',
  vendor: 'text',
  serial: 'text',
  wwn: 'text',
  wwn_with_extension: 'text',
  wwn_vendor_extension: 'text',
  name: 'text',
  hctl: 'text',
  by_path: 'text',
} as const;
type Hint = keyof typeof KINDS;
/** Whether a disk's value meets a hint. */
type Test = (value: Json | undefined) => boolean;

export const GIB = 2 ** 30;
/** Octets of a disk; some ramdisks write them as text. */
export const sizeOf = (value: Json | undefined): number | undefined =>
  numberOf(typeof value === 'string' && /^\d{1,18}$/.test(value) ? Number(value) : value);
const NUMBERS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '>=': (a, b) => a >= b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '<': (a, b) => a < b,
  // As OpenStack's hints have it, "=" is "at least".
  '=': (a, b) => a >= b,
};
const TEXTS: Readonly<Record<string, (a: string, b: string) => boolean>> = {
  's==': (a, b) => a === b,
  's!=': (a, b) => a !== b,
  's>=': (a, b) => a >= b,
  's<=': (a, b) => a <= b,
  's>': (a, b) => a > b,
  's<': (a, b) => a < b,
};
/** Blanks and case do not count. */
const plain = (text: string): string => text.trim().toLowerCase().replace(/\s+/g, ' ');
const words = (text: string): string[] => text.split(/\s+/).filter(Boolean);
const alternatives = (text: string): string[] => text.split('<or>').map(plain).filter(Boolean);

const bad = (name: string, value: Json): Unusable =>
  new Unusable(`Root device hint "${name}" has a value that can not be read: ${shown(value)}`);

const numberTest = (name: string, hint: Json): Test => {
  const text = typeof hint === 'string' ? hint.trim() : String(numberOf(hint) ?? '');
  const of = (written: string): number => {
    const n = Number(written);
    if (!/^\d{1,15}$/.test(written) || n <= 0) throw bad(name, hint);
    return n;
  };
  if (text.startsWith('<or>')) {
    const wanted = alternatives(text).map(of);
    return (value) => typeof value === 'number' && wanted.includes(value);
  }
  const [, operator = '==', operand = ''] = /^(==|!=|>=|<=|[><=])?(.*)$/s.exec(text) ?? [];
  const wanted = of(operand.trim());
  const compare = NUMBERS[operator] as (a: number, b: number) => boolean;
  return (value) => typeof value === 'number' && compare(value, wanted);
};
const textTest = (name: string, hint: Json): Test => {
  const text = typeof hint === 'string' ? hint.trim() : String(numberOf(hint) ?? '');
  if (text === '') throw bad(name, hint);
  const when =
    (test: (value: string) => boolean): Test =>
    (value) =>
      typeof value === 'string' && test(plain(value));
  const [, operator = '', rest = ''] = /^(<or>|<in>|<all-in>|s==|s!=|s>=|s<=|s>|s<)?(.*)$/s.exec(text) ?? [];
  const wanted = plain(rest);
  if (operator === '<or>') {
    const all = alternatives(rest);
    return when((value) => all.includes(value));
  }
  if (operator === '<in>') return when((value) => value.includes(wanted));
  if (operator === '<all-in>') {
    const all = words(wanted.replaceAll('<all-in>', ' '));
    return when((value) => all.every((word) => value.includes(word)));
  }
  const compare = TEXTS[operator || 's=='] as (a: string, b: string) => boolean;
  return when((value) => compare(value, wanted));
};
const booleanTest = (name: string, hint: Json): Test => {
  const text = typeof hint === 'object' ? '' : String(hint).trim().toLowerCase();
  const wanted = ['true', 't', 'yes', 'y', 'on', '1'].includes(text);
  if (!wanted && !['false', 'f', 'no', 'n', 'off', '0'].includes(text)) throw bad(name, hint);
  return (value) => value === wanted;
};

/**
 * Reads hints, so that a disk meets all of them or not.
 * @throws Unusable for an unknown hint, or a value that is none
 */
export const readHints = (hints: Json): ((disk: JsonObject) => boolean) => {
  if (!isObject(hints)) throw new Unusable(`Root device hints are no object: ${shown(hints)}`);
  const tests = Object.entries(hints).map(([name, hint]): ((disk: JsonObject) => boolean) => {
    if (!Object.hasOwn(KINDS, name))
      throw new Unusable(`Root device hint "${shown(name)}" is unknown; there are ${Object.keys(KINDS).join(', ')}`);
    const kind = KINDS[name as Hint];
    if (kind === 'boolean') {
      const test = booleanTest(name, hint);
      return (disk) => test(disk[name]);
    }
    if (kind === 'text') {
      const test = textTest(name, hint);
      return (disk) => test(disk[name]);
    }
    const test = numberTest(name, hint);
    return (disk) => test((sizeOf(disk.size) ?? NaN) / GIB);
  });
  return (disk) => tests.every((test) => test(disk));
};
