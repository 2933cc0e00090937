import { introspection } from '@nefos/contracts';
import { endpointFor, Reply, type Endpoint } from '@nefos/service-kit';
import { registryVersion } from '../../access/api/registry-version.js';
import type { IntrospectionCtx } from '../../ctx.js';
import { statesAddress } from '../../nodes/api/links.js';
import { readInventoryOf } from '../domain/inventory.js';
import { setProvisionState } from '../domain/verbs.js';

const endpoint = endpointFor<IntrospectionCtx>();
/** The way of a node through its states, and what was found on it (contract introspection §11.3). */
export const provisioningEndpoints: Endpoint<IntrospectionCtx>[] = [
  endpoint(introspection.setProvisionState, async (ctx, { req, params: { node_ident: node }, body }) => {
    await setProvisionState(ctx, node, body, registryVersion(req));
    return new Reply(undefined, { headers: { Location: statesAddress(ctx, req, node) } });
  }),
  endpoint(introspection.showInventory, (ctx, { req, params }) =>
    readInventoryOf(ctx, params.node_ident, registryVersion(req)),
  ),
];
