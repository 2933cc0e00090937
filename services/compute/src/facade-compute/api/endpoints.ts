import type { Endpoint } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { subResourceEndpoints } from './sub-resources.js';
import { versionEndpoints } from './versions.js';

/** Everything of the compute API, in the order in which paths are matched. */
export const facadeComputeEndpoints: readonly Endpoint<ComputeCtx>[] = [...versionEndpoints, ...subResourceEndpoints];
