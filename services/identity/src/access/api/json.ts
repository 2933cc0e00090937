import { randomBytes } from 'node:crypto';

// Random, so that no text of a client is taken for a marked number.
const MARK = `int64:${randomBytes(12).toString('hex')}:`;
const MARKED = new RegExp(`"${MARK}(-?\\d+)"`, 'g');
const escape = (c: string): string => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** JSON with bigint as exact numbers. */
const exactJson = (value: unknown): string =>
  JSON.stringify(value, (_key, one: unknown) => (typeof one === 'bigint' ? MARK + one.toString() : one)).replace(
    MARKED,
    '$1',
  );
/** JSON in pure ASCII, since old clients decode it as that, with bigint as exact numbers (contract identity §1.6). */
export const asciiJson = (value: unknown): string => {
  let text: string;
  // Plain JSON.stringify is several times faster; it refuses bigint, which is rare.
  try {
    text = JSON.stringify(value);
  } catch (err) {
    if (!(err instanceof TypeError)) throw err;
    text = exactJson(value);
  }
  return text.replace(/[\u0080-\uffff]/g, escape);
};
