import { conflict, Fault, forbidden, invalid, notFound, type FaultParams } from '@nefos/service-kit';

/**
 * Every refusal of this service by its code; the words stand in words.ts. 401: token.missing, token.unknown,
 * token.invalid (POST tokens), user.inactive, token.expired, terms.pending, credentials.foreign (token and uuid do not
 * belong together), credentials.wrong
 */
export type AuthCode =
  | 'token.missing'
  | 'token.unknown'
  | 'token.invalid'
  | 'user.inactive'
  | 'token.expired'
  | 'terms.pending'
  | 'credentials.foreign'
  | 'credentials.wrong';
export const unauthenticated = (code: AuthCode): Fault => new Fault('unauthenticated', code);
/** 400 with the code's own sentence. */
export const bad = (code: string, params: FaultParams = {}): Fault => new Fault('invalid', code, params);
export const tooMany = (retryAfter: number): Fault => new Fault('too_many', 'too_many', { retryAfter });
export { conflict, Fault, forbidden, invalid, notFound };
