import { facadeNetwork } from '@nefos/contracts';
import { z } from 'zod';
import type { ComputeRequest } from '../../ctx.js';
import { named } from '../../facade/api/refused.js';
import { changeRouter, createRouter, removeRouter } from '../../networking/domain/routers.js';
import { getResource, labelled, networkStore, routerStore } from '../domain/resources.js';
import { readAttributes } from './attributes.js';
import {
  commonView,
  description,
  id,
  name,
  projectFields,
  regionFor,
  whoseOf,
  zoneHints,
  type Labelled,
} from './common.js';
import type { Resource } from './resource.js';
import { always, nothing } from './values.js';

interface Row extends Labelled {
  name: string;
  status: string;
  externalNetworkId: string | null;
  regionId: string;
}
/** `{}` takes the gateway away, as null does. */
const gateway = z
  .strictObject({
    network_id: id.optional(),
    enable_snat: always(true, 'what goes out has the address of the router').optional(),
    external_fixed_ips: nothing('the address of the router is chosen here').optional(),
    qos_policy_id: nothing('there are no QoS policies').optional(),
  })
  .nullish();
const writable = {
  name: name.optional(),
  description: description.optional(),
  admin_state_up: always(true, 'a router is always up').optional(),
  external_gateway_info: gateway,
  routes: nothing('a router has no routes of its own').optional(),
};
const create = z.strictObject({
  ...writable,
  ...projectFields,
  availability_zone_hints: zoneHints,
  ha: always(false, 'there are no such routers').optional(),
  distributed: always(false, 'there are no such routers').optional(),
  flavor_id: nothing('there are no flavors of routers').optional(),
});
const update = z.strictObject(writable);
const FIRST = ['tenant_id', 'project_id', 'availability_zone_hints', 'ha', 'distributed', 'flavor_id'];
/** The network outside; null: none; undefined: it stays. */
const externalOf = (given: z.infer<typeof gateway>): string | null | undefined =>
  given === undefined ? undefined : (given?.network_id ?? null);
const ofNetwork = (ctx: ComputeRequest, network: string): Promise<{ regionId: string }> =>
  named(
    () => getResource<{ regionId: string }>(ctx, networkStore, network),
    `Network ${network} could not be found.`,
    'NetworkNotFound',
  );
export const absentRouter = { type: 'RouterNotFound', message: (one: string) => `Router ${one} could not be found` };

export const routerResource: Resource<Row> = {
  contracts: facadeNetwork.routers,
  singular: 'router',
  plural: 'routers',
  absent: absentRouter,
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
    availability_zone_hints: [row.regionId],
    ...commonView(row),
  }),
  create: async (ctx, given) => {
    const b = readAttributes(create, given);
    const external = externalOf(b.external_gateway_info) ?? null;
    const region =
      external === null ? await regionFor(ctx, b.availability_zone_hints) : (await ofNetwork(ctx, external)).regionId;
    return labelled(
      ctx,
      { description: b.description },
      async (joint) =>
        (await createRouter(joint, { region, name: b.name ?? '', external }, await whoseOf(joint, b))).id,
    );
  },
  update: async (ctx, one, given) => {
    const b = readAttributes(update, given, { put: true, first: FIRST });
    await labelled(ctx, { description: b.description }, async (joint) => {
      await changeRouter(joint, one, { name: b.name, external: externalOf(b.external_gateway_info) });
      return one;
    });
  },
  remove: (ctx, one) => removeRouter(ctx, one),
};
