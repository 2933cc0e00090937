import type { ComputeRequest } from '../../ctx.js';
import { callerOf } from '../domain/caller.js';

/** For whom a view is made, and the time zone of its times. Hosts and other people's names are shown to staff only. */
export interface Viewer {
  staff: boolean;
  userId: number;
  zone: string;
}
export const viewerOf = (ctx: ComputeRequest): Viewer => ({
  staff: callerOf(ctx).staff,
  userId: callerOf(ctx).userId,
  zone: ctx.config.NEFOS_COMPUTE_TIME_ZONE,
});
