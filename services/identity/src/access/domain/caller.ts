import type { Principal } from '@nefos/contracts';
import type { IdentityRequest } from '../../ctx.js';
import { unauthenticated } from './errors.js';
import { requireUser, type TokenRecord, type UserToken } from './tokens.js';

/** The caller with the token he showed, for the handlers. */
export interface Caller extends Principal {
  record: TokenRecord;
  /** As it was shown. */ presented: string;
}
export const callerOf = (ctx: IdentityRequest): Caller => {
  if (!ctx.principal) throw unauthenticated('token.missing');
  return ctx.principal as Caller;
};
export const userOf = (ctx: IdentityRequest): UserToken => requireUser(callerOf(ctx).record);
