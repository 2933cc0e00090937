import type { Endpoint } from '@nefos/service-kit';
import type { MeteringCtx } from '../ctx.js';
import { accountEndpoints } from './accounts.js';
import { concurrentEndpoints } from './concurrent.js';
import { eventEndpoints } from './events.js';
import { imageEndpoints } from './images.js';
import { instanceEndpoints } from './instances.js';
import { sysconfigEndpoints } from './sysconfig.js';

/** What people see, in cloudigrade's dialect. */
export const publicEndpoints: Endpoint<MeteringCtx>[] = [
  ...concurrentEndpoints,
  ...accountEndpoints,
  ...instanceEndpoints,
  ...imageEndpoints,
  ...sysconfigEndpoints,
];
/** What other services of Nefos call; the gateway does not hand it on. */
export const internalEndpoints: Endpoint<MeteringCtx>[] = eventEndpoints;
export const endpoints = [...publicEndpoints, ...internalEndpoints];
