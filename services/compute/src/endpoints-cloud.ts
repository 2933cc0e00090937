import type { Endpoint } from '@nefos/service-kit';
import type { ComputeCtx } from './ctx.js';
import { cloudListEndpoints } from './catalog/api/catalog.js';
import { instanceEndpoints } from './instances/api/instances.js';
import { operationEndpoints } from './operations/api/operations.js';

/** Regions, flavors, images, networks, instances and operations. */
export const cloudEndpoints: Endpoint<ComputeCtx>[] = [
  ...cloudListEndpoints,
  ...instanceEndpoints,
  ...operationEndpoints,
];
