import type { ComputeCtx } from './ctx.js';

/** Principals and fixture that must be there before the first request; changes nothing that exists. */
export const seed = async (_ctx: ComputeCtx): Promise<void> => Promise.resolve();
