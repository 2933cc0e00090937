import type { JobHandler } from '@nefos/service-kit';
import type { ComputeCtx } from '../ctx.js';

/** Jobs of clients, users and tokens. */
export const portalTasks = (_ctx: ComputeCtx): Record<string, JobHandler> => ({});
