import { isObject, type Json } from '../../values.js';

/** A change of a document, at a place as JSON Pointer names it (RFC 6901). */
export interface Change {
  op: 'add' | 'remove' | 'replace';
  path: string;
  before?: Json;
  after?: Json;
}
const escape = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');
type Children = Map<string, Json>;
/** Of all paths together: a ramdisk names the keys, and one long name above many changes is written with each. */
const LONGEST_PATHS = 1_000_000;
const childrenOf = (value: Json): Children | undefined => {
  if (Array.isArray(value)) return new Map(value.map((one, i) => [String(i), one]));
  return isObject(value) ? new Map(Object.entries(value)) : undefined;
};
/**
 * What differs between two documents. The order of keys does not count; items of lists are compared by their places.
 * @param most changes that are collected; more are left out, and so are those whose paths become too long
 */
export const difference = (before: Json, after: Json, most: number): { changes: Change[]; truncated: boolean } => {
  const changes: Change[] = [];
  let truncated = false;
  let length = 0;
  const add = (change: Change): void => {
    length += change.path.length;
    if (changes.length < most && length <= LONGEST_PATHS) changes.push(change);
    else truncated = true;
  };
  const compare = (path: string, one: Json, other: Json): void => {
    if (truncated || one === other) return;
    const [old, now] = [childrenOf(one), childrenOf(other)];
    if (!old || !now || Array.isArray(one) !== Array.isArray(other)) {
      add({ op: 'replace', path, before: one, after: other });
      return;
    }
    for (const [key, value] of old)
      if (now.has(key)) compare(`${path}/${escape(key)}`, value, now.get(key) as Json);
      else add({ op: 'remove', path: `${path}/${escape(key)}`, before: value });
    for (const [key, value] of now) if (!old.has(key)) add({ op: 'add', path: `${path}/${escape(key)}`, after: value });
  };
  compare('', before, after);
  return { changes, truncated };
};
