/** A JSON value, as a ramdisk sends it: nothing about it is known. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
/** The value as an object; of anything else an empty one. */
export const objectOf = (value: Json | undefined): JsonObject => (isObject(value) ? value : {});
/** The objects of a list; of anything else none. */
export const objectsOf = (value: Json | undefined): JsonObject[] =>
  Array.isArray(value) ? value.filter(isObject) : [];
/** A text that is not empty. */
export const textOf = (value: Json | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
/** A whole number, also one that is written as text. */
export const wholeOf = (value: Json | undefined): number | undefined => {
  const n = typeof value === 'string' && /^\s*[+-]?\d{1,15}\s*$/.test(value) ? Number(value) : value;
  return typeof n === 'number' && Number.isSafeInteger(n) ? n : undefined;
};
/** Sets a key of untrusted name: `__proto__` becomes a key as any other. */
export const setKey = (object: object, key: string, value: unknown): void => {
  Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
};
/** A value in a message, at most some two hundred characters of it. */
export const shown = (value: unknown): string => {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
};
