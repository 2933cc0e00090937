import type { JobHandler } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import type { NetworkKind } from '../../ports/driver-networks.js';
import { syncThing } from '../domain/sync.js';

/** The job `network.sync` brings a thing of the network to its driver. */
export const networkingTasks = (ctx: ComputeCtx): Record<string, JobHandler> => ({
  'network.sync': ({ kind, id }) => syncThing(ctx, kind as NetworkKind, id as string),
});
