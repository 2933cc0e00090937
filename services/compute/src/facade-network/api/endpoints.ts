import type { Endpoint } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';

/** Everything of the network API, in the order in which paths are matched. */
export const facadeNetworkEndpoints: readonly Endpoint<ComputeCtx>[] = [];
