import type { Endpoint } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';

/** Everything of the volume API, in the order in which paths are matched. */
export const facadeVolumeEndpoints: readonly Endpoint<ComputeCtx>[] = [];
