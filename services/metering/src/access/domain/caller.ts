import type { MeteringRequest } from '../../ctx.js';
import type { User } from './users.js';

/** The user behind the request; authentication has set it. */
export const callerOf = (ctx: MeteringRequest): User => {
  if (!ctx.user) throw new Error('an endpoint without authentication asks for its caller');
  return ctx.user;
};
