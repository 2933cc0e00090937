import type { Endpoint } from '@nefos/service-kit';
import type { ComputeCtx } from './ctx.js';
import { cloudEndpoints } from './endpoints-cloud.js';
import { portalEndpoints } from './endpoints-portal.js';

/** Everything this service answers; the one list. */
export const endpoints: readonly Endpoint<ComputeCtx>[] = [...portalEndpoints, ...cloudEndpoints];
