import { hash } from 'node:crypto';

/** SHA-256, in hex, of the token without base64 padding. */
export const keyOf = (token: string): string =>
  hash('sha256', token.endsWith('=') ? token.replace(/={1,2}$/, '') : token);
export const padOf = (token: string): number => (token.endsWith('==') ? 2 : token.endsWith('=') ? 1 : 0);
export const hashOf = (key: string): Buffer => Buffer.from(key, 'hex');

const FORM = /^(?:[A-Za-z0-9_+/-]{40,}={0,2}|[A-Za-z0-9+/]{22}==)$/;
/**
 * Whether this looks like a token: ours of 40 hex digits or 43 characters, the original's of 24 with its padding, other clouds' longer ones.
 * No person types a password of that form, and a machine that made one made it too long to be guessed.
 */
export const hasTokenForm = (text: string): boolean => FORM.test(text);
