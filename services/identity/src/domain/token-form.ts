import { hash } from 'node:crypto';

/** SHA-256, in hex, of the token without base64 padding. */
export const keyOf = (token: string): string => hash('sha256', token.endsWith('=') ? token.replace(/={1,2}$/, '') : token);
export const padOf = (token: string): number => (token.endsWith('==') ? 2 : token.endsWith('=') ? 1 : 0);
export const hashOf = (key: string): Buffer => Buffer.from(key, 'hex');
