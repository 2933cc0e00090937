import type { Principal } from '@nefos/contracts';
import type { IdentityRequest } from '../../ctx.js';
import { unauthenticated } from './errors.js';
import { requireComponent, requireUser, type TokenRecord, type UserToken } from './tokens.js';

/** The caller with the token that authenticated the request. */
export interface Caller extends Principal {
  record: TokenRecord;
  /** The token as the request presented it. */
  presented: string;
}
/** @throws unauthenticated token.missing */
export const callerOf = (ctx: IdentityRequest): Caller => {
  if (!ctx.principal) throw unauthenticated('token.missing');
  return ctx.principal as Caller;
};
/** The name of the component that calls. Whether it may stands in the contract and was checked before the handler. */
export const componentNameOf = (ctx: IdentityRequest): string => requireComponent(callerOf(ctx).record).component.name;
/** The token of the user who calls. @throws unauthenticated, also for a component */
export const userOf = (ctx: IdentityRequest): UserToken => requireUser(callerOf(ctx).record);
