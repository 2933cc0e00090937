import { Fault } from '@nefos/service-kit';
import { FIELDS, PATCHABLE } from '../../nodes/domain/node-fields.js';
import { Unusable } from '../../processing/domain/hook.js';
import { isObject, setKey, shown, valueAt, type Json, type JsonObject } from '../../values.js';

// Attributes of a node that rules may set, by their paths (contract introspection §8.4, §11.2).

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
 * @throws Unusable when the way there is not, or is not for rules
 */
const placeOf = (node: JsonObject, path: string): Place => {
  const parts = partsOf(path);
  if (!PATCHABLE.includes(parts[0] ?? '')) throw new Unusable(`A rule sets "${shown(path)}", which no rule may`);
  const key = parts.pop() ?? '';
  let holder: JsonObject | Json[] = node;
  for (const part of parts) {
    const next = inside(holder, part);
    if (!isObject(next) && !Array.isArray(next))
      throw new Unusable(`A rule sets "${shown(path)}", but the node has nothing at its way there`);
    holder = next;
  }
  return { holder, key };
};

/** JSON patch's `add`: a new item of a list stands before the one that was there. @throws Unusable */
export const addAt = (node: JsonObject, path: string, value: Json): void => {
  const { holder, key } = placeOf(node, path);
  if (!Array.isArray(holder)) {
    const check = holder === node ? FIELDS[key]?.check : undefined;
    setKey(holder, key, check ? demanded(() => check(key, value)) : value);
    return;
  }
  const at = key === '-' ? holder.length : PLACE.test(key) ? Number(key) : NaN;
  if (!(at <= holder.length)) throw new Unusable(`A rule sets "${shown(path)}", which the list does not have`);
  holder.splice(at, 0, value);
};
/** Puts a value at a path in the place of what is there. @throws Unusable */
export const putAt = (node: JsonObject, path: string, value: Json): void => {
  const { holder, key } = placeOf(node, path);
  if (Array.isArray(holder) && PLACE.test(key) && Number(key) < holder.length) holder[Number(key)] = value;
  else addAt(node, path, value);
};
/** The list at a path; none yet is an empty one. @throws Unusable when something else is there */
export const listAt = (node: JsonObject, path: string): Json[] => {
  const { holder, key } = placeOf(node, path);
  const there = inside(holder, key) ?? null;
  if (there !== null && !Array.isArray(there)) throw new Unusable(`A rule extends "${shown(path)}", which is no list`);
  return there ?? [];
};
