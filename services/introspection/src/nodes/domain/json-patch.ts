import { Fault } from '@nefos/service-kit';
import { jsonText, parseExactly } from '../../json-text.js';
import { isObject, setKey, shown, type Json, type JsonObject } from '../../values.js';
import { hasLongNumber } from './node-values.js';

export interface PatchOp {
  op: 'add' | 'replace' | 'remove';
  /** As it was given. */
  path: string;
  /** The parts of the path, at least one. */
  parts: string[];
  value: Json;
}
const refuse = (message: string): never => {
  throw new Fault('invalid', 'patch', { message });
};
const refuseOp = ({ op, path, value }: Omit<PatchOp, 'parts'>, reason: string): never =>
  refuse(`Couldn't apply patch '${shown({ op, path, ...(op !== 'remove' && { value }) })}'. Reason: ${reason}`);
const POINTER = /^(?:\/(?:[^/~]|~[01])+)+$/;
/** Deeper paths name nothing that a body can have. */
const MAX_PARTS = 100;
/**
 * The operations of a JSON patch.
 * @param exact whether numbers of any length and spelling are taken @throws Fault invalid patch
 */
export const readPatch = (body: readonly unknown[], exact = false): PatchOp[] =>
  body.map((one, i) => {
    if (!isObject(one)) return refuse(`Schema error for patch[${i}]: ${shown(one)} is not of type 'object'`);
    const { op, path, value = null, ...others } = one;
    const [other] = Object.keys(others);
    if (other !== undefined)
      return refuse(
        `Schema error for patch[${i}]: Additional properties are not allowed ('${shown(other)}' was unexpected)`,
      );
    if (typeof path !== 'string' || path.length > 4096 || !POINTER.test(path))
      return refuse(`Schema error for patch[${i}].path: ${shown(path ?? null)} is no path`);
    if (op !== 'add' && op !== 'replace' && op !== 'remove')
      return refuse(`Schema error for patch[${i}].op: ${shown(op ?? null)} is not one of ['add', 'replace', 'remove']`);
    if (op !== 'remove' && !Object.hasOwn(one, 'value')) return refuse("'add' and 'replace' operations needs a value");
    if (!exact && hasLongNumber(value))
      return refuse(`Invalid value for ${shown(path)}: a number has more digits than can be kept; send it as a string`);
    const parts = path
      .slice(1)
      .split('/')
      .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
    if (parts.length > MAX_PARTS || parts.slice(1).includes('__proto__'))
      return refuseOp({ op, path, value }, 'the path can not be used');
    return { op, path, parts, value };
  });

const INDEX = /^(?:0|[1-9]\d{0,6})$/;
const inList = (list: Json[], key: string, patch: PatchOp): void => {
  const at = key === '-' && patch.op === 'add' ? list.length : INDEX.test(key) ? Number(key) : NaN;
  if (!(at < list.length || (at === list.length && patch.op === 'add')))
    refuseOp(patch, `can't ${patch.op} at the list index '${shown(key)}'`);
  if (patch.op === 'remove') list.splice(at, 1);
  else if (patch.op === 'add') list.splice(at, 0, patch.value);
  else list[at] = patch.value;
};
const inObject = (object: JsonObject, key: string, patch: PatchOp): void => {
  if (patch.op !== 'add' && !Object.hasOwn(object, key))
    refuseOp(
      patch,
      patch.op === 'remove'
        ? `can't remove a non-existent object '${shown(key)}'`
        : `can't replace a non-existent object '${shown(key)}'`,
    );
  if (patch.op === 'remove') delete object[key];
  else setKey(object, key, patch.value);
};
const apply = (document: JsonObject, patch: PatchOp): void => {
  let holder: Json = document;
  for (const part of patch.parts.slice(0, -1)) {
    const next: Json | undefined = Array.isArray(holder)
      ? INDEX.test(part)
        ? holder[Number(part)]
        : undefined
      : isObject(holder) && Object.hasOwn(holder, part)
        ? holder[part]
        : undefined;
    if (next === undefined) return refuseOp(patch, `member '${shown(part)}' not found in the document`);
    holder = next;
  }
  const key = patch.parts.at(-1) as string;
  if (Array.isArray(holder)) inList(holder, key, patch);
  else if (isObject(holder)) inObject(holder, key, patch);
  else refuseOp(patch, `'${shown(key)}' is no member of a value that is neither object nor list`);
};
/** A copy in which numbers keep their spelling. */
const copyOf = (value: Json): Json => parseExactly(jsonText(value));
/** The document after the patch; the given one stays. @throws Fault invalid patch */
export const applyPatch = (document: JsonObject, patch: readonly PatchOp[]): JsonObject => {
  for (const { op, path, parts } of patch)
    if (op === 'add' && parts.length === 1 && !Object.hasOwn(document, parts[0] as string))
      refuse(`Adding a new attribute (${shown(path)}) to the root of the resource is not allowed`);
  const changed = copyOf(document) as JsonObject;
  for (const one of patch) apply(changed, { ...one, value: copyOf(one.value) });
  return changed;
};
