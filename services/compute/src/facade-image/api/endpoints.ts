import type { Endpoint } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';

/** Everything of the image API, in the order in which paths are matched. */
export const facadeImageEndpoints: readonly Endpoint<ComputeCtx>[] = [];
