import type { Endpoint } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { imageEndpoints } from './images.js';
import { restEndpoints } from './rest.js';

/** Everything of the image API, in the order in which paths are matched. */
export const facadeImageEndpoints: readonly Endpoint<ComputeCtx>[] = [...restEndpoints, ...imageEndpoints];
