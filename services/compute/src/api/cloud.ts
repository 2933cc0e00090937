import type { Endpoint } from '@nefos/service-kit';
import type { ComputeCtx } from '../ctx.js';
import { cloudListEndpoints } from './cloud-lists.js';
import { instanceEndpoints } from './instances.js';
import { operationEndpoints } from './operations.js';

/** Regions, flavors, images, networks, instances and operations. */
export const cloudEndpoints: Endpoint<ComputeCtx>[] = [
  ...cloudListEndpoints,
  ...instanceEndpoints,
  ...operationEndpoints,
];
