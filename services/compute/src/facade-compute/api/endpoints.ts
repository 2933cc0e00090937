import type { Endpoint } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { actionEndpoints } from './actions.js';
import { serverLabelEndpoints } from './server-labels.js';
import { serverPartEndpoints } from './server-parts.js';
import { serverEndpoints } from './servers.js';
import { versionEndpoints } from './versions.js';

/** Everything of the compute API, in the order in which paths are matched. */
export const facadeComputeEndpoints: readonly Endpoint<ComputeCtx>[] = [
  ...versionEndpoints,
  ...serverEndpoints,
  ...serverPartEndpoints,
  ...serverLabelEndpoints,
  ...actionEndpoints,
];
