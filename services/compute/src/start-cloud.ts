import type { ComputeCtx } from './ctx.js';

/** What the cloud half runs in a worker process beside jobs and reconcilers: the relay of the outbox, the drivers' events. */
export const startCloud = async (_ctx: ComputeCtx): Promise<{ stop: () => Promise<void> }> => Promise.resolve({ stop: () => Promise.resolve() });
