import type { Endpoint } from '@nefos/service-kit';
import type { ComputeCtx } from '../ctx.js';

/** Regions, flavors, images, networks, instances and operations. */
export const cloudEndpoints: Endpoint<ComputeCtx>[] = [];
