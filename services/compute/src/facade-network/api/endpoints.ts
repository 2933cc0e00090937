import type { Endpoint } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { floatingIpResource } from './floating-ips.js';
import { networkResource } from './networks.js';
import { portResource } from './ports.js';
import { quotaEndpoints } from './quotas.js';
import { resourceEndpoints } from './resource.js';
import { restEndpoints } from './rest.js';
import { routerInterfaceEndpoints } from './router-interfaces.js';
import { routerResource } from './routers.js';
import { ruleResource } from './security-group-rules.js';
import { groupResource } from './security-groups.js';
import { subnetResource } from './subnets.js';

/** Everything of the network API, in the order in which paths are matched. */
export const facadeNetworkEndpoints: readonly Endpoint<ComputeCtx>[] = [
  ...restEndpoints,
  ...quotaEndpoints,
  ...resourceEndpoints(networkResource),
  ...resourceEndpoints(subnetResource),
  ...resourceEndpoints(portResource),
  ...routerInterfaceEndpoints,
  ...resourceEndpoints(routerResource),
  ...resourceEndpoints(floatingIpResource),
  ...resourceEndpoints(groupResource),
  ...resourceEndpoints(ruleResource),
];
