import { introspection } from '@nefos/contracts';
import { endpointFor, Reply, type Endpoint } from '@nefos/service-kit';
import { registryVersion } from '../../access/api/registry-version.js';
import type { IntrospectionCtx } from '../../ctx.js';
import { statesAddress } from '../../nodes/api/links.js';
import { statesView } from '../../nodes/api/node.view.js';
import { demandNode } from '../../nodes/domain/nodes.js';
import { chooseBootDevice, listBootDevices, showBootDevice } from '../domain/boot-devices.js';
import { orderPower } from '../domain/order-power.js';
import { validateNode } from '../domain/validate-node.js';

const endpoint = endpointFor<IntrospectionCtx>();
/** What the registry does with machines (contract introspection §11.2). */
export const machineEndpoints: Endpoint<IntrospectionCtx>[] = [
  endpoint(introspection.validateNode, (ctx, { params }) => validateNode(ctx, params.node_ident)),
  endpoint(introspection.showStates, async (ctx, { req, params }) =>
    statesView(await demandNode(ctx.db, params.node_ident), registryVersion(req)),
  ),
  endpoint(introspection.setPower, async (ctx, { req, params: { node_ident: node }, body }) => {
    await orderPower(ctx, node, body, registryVersion(req));
    return new Reply(undefined, { headers: { Location: statesAddress(ctx, req, node) } });
  }),
  endpoint(introspection.showBootDevice, (ctx, { params }) => showBootDevice(ctx, params.node_ident)),
  endpoint(introspection.setBootDevice, (ctx, { params, body }) => chooseBootDevice(ctx, params.node_ident, body)),
  endpoint(introspection.listBootDevices, async (ctx, { params }) => ({
    supported_boot_devices: await listBootDevices(ctx, params.node_ident),
  })),
];
