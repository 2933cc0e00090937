import { ExactNumber } from '@nefos/contracts';
import { Fault } from '@nefos/service-kit';
import { isObject, shown, type Json, type JsonObject } from '../../values.js';
import { isNodeName, uuidOf } from './refs.js';

/** @throws Fault invalid node.value, with the text */
export const refuseValue = (message: string): never => {
  throw new Fault('invalid', 'node.value', { message });
};
/** Characters of a document of a node: a page of nodes has hundreds of them. */
export const MAX_DOCUMENT = 64 * 1024;
/** Whether a number in it has more digits than can be kept. */
export const hasLongNumber = (value: unknown): boolean =>
  value instanceof ExactNumber ||
  (Array.isArray(value)
    ? value.some(hasLongNumber)
    : typeof value === 'object' && value !== null && Object.values(value).some(hasLongNumber));
/** Makes the value of a field what is stored. @throws Fault invalid node.value */
export type Check<T extends Json = Json> = (field: string, value: unknown) => T;

const wrongType = (field: string, value: unknown, wanted: string): never =>
  refuseValue(`Schema error for ${field}: ${shown(JSON.stringify(value))} is not of type ${wanted}`);
export const textUpTo =
  (max: number): Check<string | null> =>
  (field, value) => {
    if (value === null || value === undefined) return null;
    if (typeof value !== 'string') return wrongType(field, value, "'string', 'null'");
    if (value.length > max) return refuseValue(`Schema error for ${field}: '${shown(value)}' is too long`);
    // A ramdisk's data may have it; a column can not.
    if (value.includes('\0') || !value.isWellFormed())
      return refuseValue(`Invalid ${field}: it has a character that can not be stored`);
    return value;
  };
const text255 = textUpTo(255);
/** A document; null empties it. */
export const document: Check<JsonObject> = (field, value) => {
  if (value === null || value === undefined) return {};
  if (!isObject(value) || (value as unknown) instanceof ExactNumber) return wrongType(field, value, "'object', 'null'");
  if (hasLongNumber(value))
    return refuseValue(`Invalid ${field}: a number in it has more digits than can be kept; send it as a string`);
  if (JSON.stringify(value).length > MAX_DOCUMENT)
    return refuseValue(`Invalid ${field}: it is longer than ${MAX_DOCUMENT} characters`);
  return value;
};
const TRUE = ['1', 't', 'true', 'on', 'y', 'yes'];
const FALSE = ['0', 'f', 'false', 'off', 'n', 'no'];
/** What oslo takes for a truth value, in any case; undefined: none. */
export const truthOf = (value: unknown): boolean | undefined => {
  if (typeof value === 'boolean') return value;
  const text = typeof value === 'string' ? value.trim().toLowerCase() : '';
  return TRUE.includes(text) ? true : FALSE.includes(text) ? false : undefined;
};
export const truth: Check<boolean | null> = (field, value) => {
  if (value === null || value === undefined) return null;
  if (typeof value !== 'string' && typeof value !== 'boolean')
    return wrongType(field, value, "'string', 'boolean', 'null'");
  return (
    truthOf(value) ??
    refuseValue(
      `Invalid ${field}: Unrecognized value '${shown(value)}', acceptable values are: ` +
        [...FALSE, ...TRUE]
          .sort()
          .map((one) => `'${one}'`)
          .join(', '),
    )
  );
};
export const uuid: Check<string | null> = (field, value) => {
  const text = text255(field, value);
  if (text === null) return null;
  return uuidOf(text) ?? refuseValue(`Expected UUID for ${field}: ${shown(text)}`);
};
/** Segments under /v1/nodes, which would hide a node of that name. */
export const RESERVED = [
  'detail',
  ...['allocation', 'bios', 'boot_device', 'firmware', 'history', 'inventory', 'maintenance', 'management'],
  ...['portgroups', 'ports', 'states', 'traits', 'validate', 'vendor_passthru', 'vifs', 'volume'],
];
export const nodeName: Check<string | null> = (field, value) => {
  const text = text255(field, value);
  if (text === null) return null;
  if (!isNodeName(text) || RESERVED.includes(text))
    return refuseValue(`Cannot create node with invalid name '${shown(text)}'`);
  return text;
};
