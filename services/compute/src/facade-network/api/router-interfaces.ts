import { facadeNetwork } from '@nefos/contracts';
import { endpointFor, type Endpoint } from '@nefos/service-kit';
import { z } from 'zod';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { faceFault, named } from '../../facade/api/refused.js';
import { addInterface, removeInterface } from '../../networking/domain/routers.js';
import { findInterfacePort, getResource, portStore, routerStore, subnetStore } from '../domain/resources.js';
import { inNeutronWords } from '../domain/neutron-words.js';
import { readAttributes } from './attributes.js';
import { commonView, id, type Labelled } from './common.js';
import { absentRouter } from './routers.js';

const endpoint = endpointFor<ComputeCtx>();
const badRouter = (why: string) => faceFault('invalid', `Bad router request: ${why}`, 'BadRequest');
const noSubnet = (one: string) => [`Subnet ${one} could not be found.`, 'SubnetNotFound'] as const;
const noPort = (one: string) => [`Port ${one} could not be found.`, 'PortNotFound'] as const;

const interfaceBody = z.strictObject({ subnet_id: id.optional(), port_id: id.optional() });
type Given = z.infer<typeof interfaceBody>;
interface PortRow {
  fixedIps: { subnet_id: string | null; ip_address: string }[] | null;
  routerId: string | null;
}
const portOf = (ctx: ComputeRequest, port: string): Promise<PortRow> =>
  named(() => getResource<PortRow>(ctx, portStore, port), ...noPort(port));
/** The subnet that is to be connected. A port can not be: an interface has the address of the subnet's gateway. */
const subnetToAdd = ({ subnet_id: subnet, port_id: port }: Given): string => {
  if (subnet !== undefined && port !== undefined) throw badRouter('Cannot specify both subnet-id and port-id.');
  if (port !== undefined) throw badRouter('routers are connected by their subnets here: give subnet_id.');
  if (subnet === undefined) throw badRouter('Either subnet_id or port_id must be specified.');
  return subnet;
};
/** The subnet of an interface that is there: named itself, or by its port. */
const subnetToRemove = async (ctx: ComputeRequest, router: string, given: Given): Promise<string> => {
  const { subnet_id: subnet, port_id: port } = given;
  if (port === undefined) {
    if (subnet === undefined) throw badRouter('Either subnet_id or port_id must be specified.');
    return subnet;
  }
  const { fixedIps, routerId } = await portOf(ctx, port);
  const of = fixedIps?.[0]?.subnet_id;
  if (routerId !== router || !of)
    throw faceFault(
      'not_found',
      `Router ${router} does not have an interface with id ${port}`,
      'RouterInterfaceNotFound',
    );
  if (subnet !== undefined && subnet !== of)
    throw faceFault('conflict', `Port ${port} does not have a subnet ${subnet}.`, 'SubnetMismatchForPort');
  return of;
};
interface RouterRow extends Labelled {
  regionId: string;
}
const change = (
  contract: typeof facadeNetwork.addRouterInterface | typeof facadeNetwork.removeRouterInterface,
  adds: boolean,
): Endpoint<ComputeCtx> =>
  endpoint(contract, async (ctx, { params: { id: router }, body }) => {
    const given = readAttributes(interfaceBody, body, { put: true });
    const row = await named(
      () => getResource<RouterRow>(ctx, routerStore, router),
      absentRouter.message(router),
      absentRouter.type,
    );
    const subnet = adds ? subnetToAdd(given) : await subnetToRemove(ctx, router, given);
    const { networkId } = await named(
      () => getResource<{ networkId: string }>(ctx, subnetStore, subnet),
      ...noSubnet(subnet),
    );
    const about = { id: router, given: { subnet_id: subnet } };
    // The port of an interface goes with it.
    const before = adds ? undefined : await findInterfacePort(ctx, router, subnet);
    await inNeutronWords(() => (adds ? addInterface : removeInterface)(ctx, router, subnet), about);
    const port = before ?? (await findInterfacePort(ctx, router, subnet));
    const { project_id, tenant_id, tags } = commonView(row);
    return {
      id: router,
      subnet_id: subnet,
      subnet_ids: [subnet],
      port_id: port,
      network_id: networkId,
      project_id,
      tenant_id,
      tags,
    };
  });
export const routerInterfaceEndpoints = [
  change(facadeNetwork.addRouterInterface, true),
  change(facadeNetwork.removeRouterInterface, false),
];
