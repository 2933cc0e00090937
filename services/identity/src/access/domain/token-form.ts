import { hash } from 'node:crypto';

/** The key of a token: SHA-256, in hex, of the token without its base64 padding. */
export const keyOf = (token: string): string =>
  hash('sha256', token.endsWith('=') ? token.replace(/={1,2}$/, '') : token);
/** Number of `=` at the end. */
export const paddingLength = (token: string): number => (token.endsWith('==') ? 2 : token.endsWith('=') ? 1 : 0);
/** The stored form of a key. */
export const hashOf = (key: string): Buffer => Buffer.from(key, 'hex');

const FORM = /^(?:[A-Za-z0-9_+/-]{40,}={0,2}|[A-Za-z0-9+/]{22}==)$/;
/**
 * Whether the text has the form of a token: ours of 40 hex digits or 43 characters, the original's of 24 with its
 * padding, other clouds' longer ones. A wrong password of this form does not count towards the lock of the account:
 * somebody pasted a token. Nobody types a password of that form; a generated one is too long to be guessed.
 */
export const hasTokenForm = (text: string): boolean => FORM.test(text);
