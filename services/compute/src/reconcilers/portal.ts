import type { ComputeCtx } from '../ctx.js';
import type { Sweep } from './index.js';

export const portalSweeps = (_ctx: ComputeCtx): Sweep[] => [];
