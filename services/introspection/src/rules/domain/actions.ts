import type { Machine } from '../../nodes/domain/machine.js';
import { formatCapabilities, parseCapabilities } from '../../processing/domain/capabilities.js';
import { Unusable } from '../../processing/domain/hook.js';
import { isObject, setKey, shown, type Json, type JsonObject } from '../../values.js';
import { FormatError, formatValue } from './python-format.js';
import { pythonStr } from './python-text.js';
import type { Action } from './rule.js';

/** What actions work with. */
export interface Target {
  data: JsonObject;
  machine: Machine;
}
/** Parameters by name: whether they have to be given, and what they have to be. */
export const PARAMETERS: Readonly<Record<string, Readonly<Record<string, 'needed' | 'optional'>>>> = {
  fail: { message: 'needed' },
  'set-attribute': { path: 'needed', value: 'needed', reset_interfaces: 'optional' },
  'set-capability': { name: 'needed', value: 'optional' },
  'extend-attribute': { path: 'needed', value: 'needed', unique: 'optional' },
  'add-trait': { name: 'needed' },
  'remove-trait': { name: 'needed' },
};
/** Parts of a path such as `/extra/a~1b` or `extra/a`. */
const partsOf = (path: string): string[] =>
  path
    .replace(/^\//, '')
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
/**
 * The object or list that holds what a path names, and its key in it.
 * @throws Unusable when the way there is not
 */
const holderOf = (node: JsonObject, path: string): { holder: JsonObject | Json[]; key: string } => {
  const parts = partsOf(path);
  const key = parts.pop() ?? '';
  let holder: Json = node;
  for (const part of parts) {
    const next: Json | undefined = Array.isArray(holder)
      ? holder[Number(part)]
      : isObject(holder) && Object.hasOwn(holder, part)
        ? holder[part]
        : undefined;
    if (!isObject(next) && !Array.isArray(next))
      throw new Unusable(`A rule sets "${shown(path)}", which the node can not have`);
    holder = next;
  }
  return { holder: holder as JsonObject | Json[], key };
};
/** JSON patch's `add`. @throws Unusable */
const setAt = (node: JsonObject, path: string, value: Json): void => {
  const { holder, key } = holderOf(node, path);
  if (!Array.isArray(holder)) {
    setKey(holder, key, value);
    return;
  }
  const at = key === '-' ? holder.length : Number(key);
  if (!/^(?:-|\d{1,6})$/.test(key) || at > holder.length)
    throw new Unusable(`A rule sets "${shown(path)}", which the list does not have`);
  holder.splice(at, 0, value);
};
const listAt = (node: JsonObject, path: string): Json[] => {
  const { holder, key } = holderOf(node, path);
  const there = Array.isArray(holder) ? holder[Number(key)] : Object.hasOwn(holder, key) ? holder[key] : undefined;
  if (there !== undefined && there !== null && !Array.isArray(there))
    throw new Unusable(`A rule extends "${shown(path)}", which is no list`);
  return Array.isArray(there) ? there : [];
};
const TRAIT = /^(?:CUSTOM_[A-Z0-9_]{1,248}|[A-Z][A-Z0-9_]{0,254})$/;

const RUN: Readonly<Record<string, (action: Action, target: Target) => void>> = {
  fail: ({ message }) => {
    throw new Unusable(pythonStr(message ?? null));
  },
  'set-attribute': ({ path, value = null }, { machine: { node } }) => setAt(node, String(path), value),
  'set-capability': ({ name, value }, { machine: { node } }) => {
    const all = parseCapabilities(node.properties.capabilities);
    if (value === undefined || value === null) all.delete(String(name));
    else all.set(String(name), pythonStr(value));
    node.properties.capabilities = formatCapabilities(all);
  },
  'extend-attribute': ({ path, value = null, unique }, { machine: { node } }) => {
    const list = listAt(node, String(path));
    const same = JSON.stringify(value);
    if (unique === true && list.some((one) => JSON.stringify(one) === same)) return;
    const { holder, key } = holderOf(node, String(path));
    if (Array.isArray(holder)) holder[Number(key)] = [...list, value];
    else setKey(holder, key, [...list, value]);
  },
  'add-trait': ({ name }, { machine: { traits } }) => {
    if (!TRAIT.test(String(name))) throw new Unusable(`"${shown(String(name))}" is no name of a trait`);
    traits.add(String(name));
  },
  'remove-trait': ({ name }, { machine: { traits } }) => {
    traits.delete(String(name));
  },
};
/**
 * Carries an action out. Its value is formatted first; the message of `fail` is not.
 * @param rule for the message @throws Unusable
 */
export const runAction = (action: Action, target: Target, rule: string): void => {
  try {
    const value =
      action.action === 'fail' || action.value === undefined
        ? action.value
        : formatValue(action.value, { data: target.data });
    RUN[action.action]?.(value === undefined ? action : { ...action, value }, target);
  } catch (err) {
    if (err instanceof FormatError) throw new Unusable(`Rule ${rule} can not be carried out: ${err.message}`);
    throw err;
  }
};
