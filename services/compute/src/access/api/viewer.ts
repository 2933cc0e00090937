import type { ComputeRequest } from '../../ctx.js';
import { callerOf } from '../domain/caller.js';

/** Who looks at a row and where its clock stands; `staff` decides what is told of hosts and of others. */
export interface Seen {
  staff: boolean;
  userId: number;
  zone: string;
}
export const seenBy = (ctx: ComputeRequest): Seen => ({
  staff: callerOf(ctx).staff,
  userId: callerOf(ctx).userId,
  zone: ctx.config.NEFOS_COMPUTE_TIME_ZONE,
});
