import { facadeNetwork, boundedArray } from '@nefos/contracts';
import { endpointFor, Fault, type Endpoint } from '@nefos/service-kit';
import { z } from 'zod';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { faceFault, named } from '../../facade/api/refused.js';
import { regionOfZone } from '../../facade/domain/regions.js';
import {
  addInterface,
  changeRouter,
  createRouter,
  removeInterface,
  removeRouter,
} from '../../networking/domain/routers.js';
import { getResource, labelled, networkStore, portStore, routerStore, subnetStore } from '../domain/resources.js';
import { inNeutronWords } from '../domain/words.js';
import { readAttributes } from './attributes.js';
import {
  commonView,
  demandId,
  description,
  flag,
  id,
  name,
  projectFields,
  whoseOf,
  zoneHints,
  type Labelled,
} from './common.js';
import type { Resource } from './resource.js';

const endpoint = endpointFor<ComputeCtx>();
interface Row extends Labelled {
  name: string;
  status: string;
  externalNetworkId: string | null;
  regionId: string;
}
const gateway = z.strictObject({
  network_id: id,
  enable_snat: flag.optional(),
  external_fixed_ips: boundedArray(z.unknown(), 0).optional(),
});
/** `{}` takes the gateway away, as null does. */
const gatewayInfo = z.union([gateway, z.strictObject({})]).nullish();
const writable = {
  name: name.optional(),
  description: description.optional(),
  admin_state_up: z.union([z.literal(true), z.literal('true'), z.literal('True')]).optional(),
  external_gateway_info: gatewayInfo,
  routes: boundedArray(z.unknown(), 0).optional(),
};
const create = z.strictObject({
  ...writable,
  ...projectFields,
  availability_zone_hints: zoneHints,
  ha: z.literal(false).optional(),
  distributed: z.literal(false).optional(),
});
const update = z.strictObject(writable);
/** The network outside; null: none; undefined: it stays. */
const externalOf = (given: z.infer<typeof gatewayInfo>): string | null | undefined => {
  if (given === undefined) return undefined;
  if (given === null || !('network_id' in given)) return null;
  demandId('network', given.network_id);
  return given.network_id;
};
const absent = { type: 'RouterNotFound', message: (one: string) => `Router ${one} could not be found` };

export const routerResource: Resource<Row> = {
  contracts: facadeNetwork.routers,
  singular: 'router',
  plural: 'routers',
  absent,
  store: routerStore,
  view: (_ctx, row) => ({
    id: row.id,
    name: row.name,
    status: row.status,
    admin_state_up: true,
    external_gateway_info:
      row.externalNetworkId === null
        ? null
        : { network_id: row.externalNetworkId, enable_snat: true, external_fixed_ips: [] },
    routes: [],
    ha: false,
    distributed: false,
    flavor_id: null,
    availability_zones: [row.regionId],
    availability_zone_hints: [],
    ...commonView(row),
  }),
  create: async (ctx, given) => {
    const b = readAttributes(create, given);
    const external = externalOf(b.external_gateway_info) ?? null;
    const region =
      external === null
        ? await regionOfZone(ctx, b.availability_zone_hints?.[0])
        : (await ofNetwork(ctx, external)).regionId;
    return labelled(
      ctx,
      { description: b.description },
      async (joint) => (await createRouter(joint, { region, name: b.name ?? '', external }, whoseOf(joint, b))).id,
    );
  },
  update: async (ctx, one, given) => {
    const b = readAttributes(update, given);
    await labelled(ctx, { description: b.description }, async (joint) => {
      await changeRouter(joint, one, { name: b.name, external: externalOf(b.external_gateway_info) });
      return one;
    });
  },
  remove: (ctx, one) => removeRouter(ctx, one),
};
const ofNetwork = (ctx: ComputeRequest, network: string): Promise<{ regionId: string }> =>
  named(
    () => getResource<{ regionId: string }>(ctx, networkStore, network),
    `Network ${network} could not be found.`,
    'NetworkNotFound',
  );

const subnetGiven = z.strictObject({ subnet_id: id.optional(), port_id: id.optional() });
/** The subnet of a router's interface: named itself, or by a port on it. @throws Fault invalid, not_found */
const subnetOf = async (ctx: ComputeRequest, given: unknown): Promise<string> => {
  const { subnet_id: subnet, port_id: port } = readAttributes(subnetGiven, given);
  if (subnet !== undefined) {
    demandId('subnet', subnet);
    return subnet;
  }
  if (port === undefined)
    throw faceFault('invalid', 'Bad router request: Either subnet_id or port_id must be specified.', 'BadRequest');
  const { fixedIps } = await named(
    () => getResource<{ fixedIps: { subnet_id: string | null }[] | null }>(ctx, portStore, port),
    `Port ${port} could not be found.`,
    'PortNotFound',
  );
  const [first] = fixedIps ?? [];
  if (!first?.subnet_id)
    throw new Fault('invalid', 'facade.refused', { message: 'The port is on no subnet.', type: 'BadRequest' });
  return first.subnet_id;
};
const interfaceView = async (ctx: ComputeRequest, router: string, subnet: string) => {
  const row = await getResource<Row>(ctx, routerStore, router);
  const { networkId } = await getResource<{ networkId: string }>(ctx, subnetStore, subnet);
  const { project_id, tenant_id, tags } = commonView(row);
  // An interface of a router is no port here: its subnet stands for it.
  return {
    id: router,
    subnet_id: subnet,
    subnet_ids: [subnet],
    port_id: subnet,
    network_id: networkId,
    project_id,
    tenant_id,
    tags,
  };
};
const change = (
  contract: typeof facadeNetwork.addRouterInterface | typeof facadeNetwork.removeRouterInterface,
  how: typeof addInterface,
): Endpoint<ComputeCtx> =>
  endpoint(contract, async (ctx, { params: { id: router }, body }) => {
    const subnet = await subnetOf(ctx, body);
    return named(
      () =>
        inNeutronWords(async () => {
          await how(ctx, router, subnet);
          return interfaceView(ctx, router, subnet);
        }),
      absent.message(router),
      absent.type,
    );
  });
export const routerInterfaceEndpoints = [
  change(facadeNetwork.addRouterInterface, addInterface),
  change(facadeNetwork.removeRouterInterface, removeInterface),
];
