import type { Endpoint } from '@nefos/service-kit';
import type { IntrospectionCtx } from '../../ctx.js';
import { driverEndpoints } from './drivers.js';
import { nodeEndpoints } from './nodes.js';
import { portEndpoints } from './ports.js';
import { registryRootEndpoints } from './registry.js';
import { traitEndpoints } from './traits.js';

/** The registry itself; fixed paths stand before those with a parameter. */
export const registryCore: Endpoint<IntrospectionCtx>[] = [
  ...registryRootEndpoints,
  ...nodeEndpoints,
  ...traitEndpoints,
  ...portEndpoints,
  ...driverEndpoints,
];
