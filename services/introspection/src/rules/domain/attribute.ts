import { Fault } from '@nefos/service-kit';
import type { Machine, MachinePort } from '../../nodes/domain/machine.js';
import { FIELDS, PATCHABLE } from '../../nodes/domain/node-fields.js';
import type { Check } from '../../nodes/domain/node-values.js';
import { PORT_FIELDS } from '../../nodes/domain/port-fields.js';
import { Unusable } from '../../processing/domain/hook.js';
import { isObject, setKey, shown, valueAt, type Json, type JsonObject } from '../../values.js';
import { isSame } from './compare.js';

// Attributes of nodes and ports that rules may set, by their paths (contract introspection §8.4, §11.2).

/** What has attributes: its document, and of each that a rule may set what it may be. */
export interface Subject {
  what: 'node' | 'port';
  document: JsonObject;
  checks: Readonly<Record<string, Check | undefined>>;
}
const checksOf = (names: readonly string[], fields: Readonly<Record<string, { check?: Check }>>): Subject['checks'] =>
  Object.fromEntries(names.map((name) => [name, fields[name]?.check]));
const NODE = checksOf(PATCHABLE, FIELDS);
const PORT = checksOf(['pxe_enabled', 'physical_network', 'local_link_connection', 'extra'], PORT_FIELDS);
export const nodeSubject = ({ node }: Machine): Subject => ({ what: 'node', document: node, checks: NODE });
export const portSubject = (port: MachinePort): Subject => ({
  what: 'port',
  document: port as unknown as JsonObject,
  checks: PORT,
});

/** What the registry refuses ends the run. */
export const demanded = <T>(check: () => T): T => {
  try {
    return check();
  } catch (err) {
    if (err instanceof Fault && err.kind === 'invalid') throw new Unusable(shown(err.params.message));
    throw err;
  }
};

/** Parts of a path such as `/extra/a~1b` or `extra/a`. */
const partsOf = (path: string): string[] =>
  path
    .replace(/^\//, '')
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
const PLACE = /^(?:0|[1-9]\d{0,5})$/;
const inside = (holder: Json, part: string): Json | undefined =>
  Array.isArray(holder)
    ? PLACE.test(part)
      ? holder[Number(part)]
      : undefined
    : isObject(holder)
      ? valueAt(holder, part)
      : undefined;
interface Place {
  holder: JsonObject | Json[];
  key: string;
}
/**
 * The object or list that holds what a path names, and its key in it.
 * @param made whether objects are made on the way
 * @throws Unusable when the way there is not, or is not for rules
 */
const placeOf = ({ what, document, checks }: Subject, path: string, made = false): Place => {
  const parts = partsOf(path);
  if (!Object.hasOwn(checks, parts[0] ?? '')) throw new Unusable(`A rule sets "${shown(path)}", which no rule may`);
  const key = parts.pop() ?? '';
  let holder: JsonObject | Json[] = document;
  for (const part of parts) {
    let next = inside(holder, part);
    if (made && next === undefined && isObject(holder)) setKey(holder, part, (next = {}));
    if (!isObject(next) && !Array.isArray(next))
      throw new Unusable(`A rule sets "${shown(path)}", but the ${what} has nothing at its way there`);
    holder = next;
  }
  return { holder, key };
};
/** @throws Unusable when the document itself can not have the value at its top */
const setIn = ({ document, checks }: Subject, holder: JsonObject, key: string, value: Json): void => {
  const check = holder === document ? checks[key] : undefined;
  setKey(holder, key, check ? demanded(() => check(key, value)) : value);
};

/** JSON patch's `add`: a new item of a list stands before the one that was there. @throws Unusable */
export const addAt = (subject: Subject, path: string, value: Json, made = false): void => {
  const { holder, key } = placeOf(subject, path, made);
  if (!Array.isArray(holder)) {
    setIn(subject, holder, key, value);
    return;
  }
  const at = key === '-' ? holder.length : PLACE.test(key) ? Number(key) : NaN;
  if (!(at <= holder.length)) throw new Unusable(`A rule sets "${shown(path)}", which the list does not have`);
  holder.splice(at, 0, value);
};
/** Puts a value at a path in the place of what is there. @throws Unusable */
export const putAt = (subject: Subject, path: string, value: Json, made = false): void => {
  const { holder, key } = placeOf(subject, path, made);
  if (Array.isArray(holder) && PLACE.test(key) && Number(key) < holder.length) holder[Number(key)] = value;
  else addAt(subject, path, value, made);
};
/** Takes away what is at a path; at the top, it is as if nobody had set it. @throws Unusable when nothing is there */
export const removeAt = (subject: Subject, path: string): void => {
  const { holder, key } = placeOf(subject, path);
  if (inside(holder, key) === undefined) throw new Unusable(`A rule deletes "${shown(path)}", which is not there`);
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else if (holder === subject.document) setIn(subject, holder, key, null);
  else delete holder[key];
};
/** The list at a path; none yet is an empty one. @throws Unusable when something else is there */
export const listAt = (subject: Subject, path: string, made = false): Json[] => {
  const { holder, key } = placeOf(subject, path, made);
  const there = inside(holder, key) ?? null;
  if (there !== null && !Array.isArray(there)) throw new Unusable(`A rule extends "${shown(path)}", which is no list`);
  return there ?? [];
};
/** @param unique not once more what is in it @throws Unusable */
export const extendAt = (subject: Subject, path: string, value: Json, unique: boolean, made = false): void => {
  const list = listAt(subject, path, made);
  if (!unique || !list.some((one) => isSame(one, value))) putAt(subject, path, [...list, value], made);
};
