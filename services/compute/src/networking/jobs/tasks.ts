import type { JobHandler } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import type { NetworkKind } from '../../ports/driver-networks.js';
import { syncSoon, syncThing } from '../domain/sync.js';
import { keyOf } from '../domain/touch.js';

/** The job `network.sync` brings a thing of the network to its driver; those of one thing take turns. */
export const networkingTasks = (ctx: ComputeCtx): Record<string, JobHandler> => ({
  'network.sync': async ({ kind, id = '' }, { alone }) => {
    const thing = kind as NetworkKind;
    if (!(await alone(keyOf(thing, id), (turn) => syncThing(ctx, thing, id, turn)))) await syncSoon(ctx, thing, id);
  },
});
