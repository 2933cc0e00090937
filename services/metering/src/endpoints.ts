import type { Endpoint } from '@nefos/service-kit';
import type { MeteringCtx } from './ctx.js';
import { accountEndpoints } from './accounts/api/accounts.js';
import { concurrentEndpoints } from './usage/api/concurrent.js';
import { eventEndpoints } from './ingest/api/events.js';
import { imageEndpoints } from './images/api/images.js';
import { instanceEndpoints } from './instances/api/instances.js';
import { resourceEndpoints } from './usage/api/resources.js';
import { sysconfigEndpoints } from './accounts/api/sysconfig.js';

/** What people see, in cloudigrade's dialect. */
export const publicEndpoints: Endpoint<MeteringCtx>[] = [
  ...concurrentEndpoints,
  ...accountEndpoints,
  ...instanceEndpoints,
  ...imageEndpoints,
  ...sysconfigEndpoints,
  ...resourceEndpoints,
];
/** What other services of Nefos call; the gateway does not hand it on. */
export const internalEndpoints: Endpoint<MeteringCtx>[] = eventEndpoints;
export const endpoints = [...publicEndpoints, ...internalEndpoints];
