import { ExactNumber } from '@nefos/contracts';

/**
 * A JSON value, as a ramdisk sends it: nothing about it is known. A number whose text says more than a double is an
 * ExactNumber: 2048.0, which rules tell from 2048, and what is too long for one.
 */
export type Json = null | boolean | number | string | ExactNumber | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber);
/** The value as an object; of anything else an empty one. */
export const objectOf = (value: Json | undefined): JsonObject => (isObject(value) ? value : {});
/** The objects of a list; of anything else none. */
export const objectsOf = (value: Json | undefined): JsonObject[] =>
  Array.isArray(value) ? value.filter(isObject) : [];
/** Longer texts of a ramdisk do not become part of a node. */
const LONGEST_TEXT = 1000;
/** A text that is not empty, and that a node can have: no longer than a thousand characters, without NUL. */
export const textOf = (value: Json | undefined): string | undefined =>
  typeof value === 'string' && value !== '' && value.length <= LONGEST_TEXT && !value.includes('\0')
    ? value.toWellFormed()
    : undefined;
const WHOLE = /^\s*[+-]?\d{1,15}\s*$/;
/** A whole number, also one that is written as text. */
export const wholeOf = (value: Json | undefined): number | undefined => {
  const n = typeof value === 'string' && WHOLE.test(value) ? Number(value) : numberOf(value);
  return n !== undefined && Number.isSafeInteger(n) ? n : undefined;
};
/** A finite number. */
export const numberOf = (value: Json | undefined): number | undefined => {
  const n = value instanceof ExactNumber ? Number(value.text) : value;
  return typeof n === 'number' && Number.isFinite(n) ? n : undefined;
};
/** Sets a key of untrusted name: `__proto__` becomes a key as any other. */
export const setKey = (object: object, key: string, value: unknown): void => {
  Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
};
/** The value of a key of untrusted name. */
export const valueAt = (object: JsonObject, key: string): Json | undefined =>
  Object.hasOwn(object, key) ? object[key] : undefined;
/** A value in a message, at most some two hundred characters of it. */
export const shown = (value: unknown): string => {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
};
