import type { ComputeCtx } from '../ctx.js';
import type { Sweep } from './index.js';

/** Keeps instances as their rows say. */
export const cloudSweeps = (_ctx: ComputeCtx): Sweep[] => [];
