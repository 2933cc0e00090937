import { facadeNetwork } from '@nefos/contracts';
import { z } from 'zod';
import { createNetwork, changeNetwork } from '../../catalog/domain/networks.js';
import type { ComputeRequest } from '../../ctx.js';
import { faceFault } from '../../facade/api/refused.js';
import { regionOfZone } from '../../facade/domain/regions.js';
import { scopeOf } from '../../facade/domain/scope.js';
import { changeOwnNetwork, createOwnNetwork, hooksOf, removeOwnNetwork } from '../../networking/domain/own-networks.js';
import { labelled, networkStore } from '../domain/resources.js';
import { readAttributes } from './attributes.js';
import {
  commonView,
  description,
  flag,
  isTrue,
  name,
  projectFields,
  whoseOf,
  zoneHints,
  type Labelled,
} from './common.js';
import type { Resource } from './resource.js';

interface Row extends Labelled {
  name: string;
  status: string;
  adminStateUp: boolean;
  shared: boolean;
  external: boolean;
  mtu: number;
  regionId: string;
  isDefault: boolean;
  subnets: string[];
}
const mtu = z.int().min(68).max(65_535);
const writable = {
  name: name.optional(),
  description: description.optional(),
  admin_state_up: flag.optional(),
  shared: flag.optional(),
  'router:external': flag.optional(),
  is_default: flag.optional(),
  port_security_enabled: flag.optional(),
};
const create = z.strictObject({
  ...writable,
  ...projectFields,
  mtu: mtu.optional(),
  availability_zone_hints: zoneHints,
});
const update = z.strictObject(writable);
type Changes = z.infer<typeof update>;

/** What only administrators set, as Neutron's policy has it. @throws Fault forbidden */
const demandPlain = (ctx: ComputeRequest, b: Changes): void => {
  if (scopeOf(ctx).admin) return;
  for (const field of ['shared', 'router:external', 'is_default'] as const)
    if (isTrue(b[field]))
      throw faceFault(
        'forbidden',
        `((rule:create_network and rule:create_network:${field})) is disallowed by policy`,
        'PolicyNotAuthorized',
      );
};
const demandPortSecurity = ({ port_security_enabled: on }: Changes): void => {
  if (on !== undefined && !isTrue(on))
    throw faceFault(
      'invalid',
      'Invalid input for port_security_enabled. Reason: ports of a network have port security.',
      'HTTPBadRequest',
    );
};
/** Networks of administrators are the provider's: in no project, unless the token's project is a client's. */
const isProvider = (ctx: ComputeRequest, b: Changes): boolean => {
  const { admin, clientId } = scopeOf(ctx);
  return admin && (clientId === null || isTrue(b.shared) || isTrue(b['router:external']));
};

export const networkResource: Resource<Row> = {
  contracts: facadeNetwork.networks,
  singular: 'network',
  plural: 'networks',
  absent: { type: 'NetworkNotFound', message: (id) => `Network ${id} could not be found.` },
  store: networkStore,
  view: (_ctx, row) => ({
    id: row.id,
    name: row.name,
    status: row.status,
    admin_state_up: row.adminStateUp,
    shared: row.shared,
    'router:external': row.external,
    is_default: row.isDefault,
    mtu: row.mtu,
    subnets: row.subnets,
    availability_zones: [row.regionId],
    availability_zone_hints: [],
    port_security_enabled: true,
    ipv4_address_scope: null,
    ipv6_address_scope: null,
    l2_adjacency: true,
    ...commonView(row),
  }),
  create: async (ctx, given) => {
    const b = readAttributes(create, given);
    demandPlain(ctx, b);
    demandPortSecurity(b);
    const region = await regionOfZone(ctx, b.availability_zone_hints?.[0]);
    const own = { region, name: b.name ?? '', adminStateUp: isTrue(b.admin_state_up, true), mtu: b.mtu ?? 1500 };
    return labelled(ctx, { description: b.description }, async (joint) => {
      if (!isProvider(joint, b)) return (await createOwnNetwork(joint, own, whoseOf(joint, b))).id;
      const external = isTrue(b['router:external']);
      const made = await createNetwork(
        joint,
        {
          ...own,
          projectId: null,
          routerExternal: external,
          // Clients see an external network of the provider when it is shared.
          shared: isTrue(b.shared, external),
          isDefault: isTrue(b.is_default),
        },
        hooksOf(joint),
      );
      return made.id;
    });
  },
  update: async (ctx, id, given) => {
    const b = readAttributes(update, given);
    demandPlain(ctx, b);
    demandPortSecurity(b);
    const own = {
      ...(b.name !== undefined && { name: b.name }),
      ...(b.admin_state_up !== undefined && { adminStateUp: isTrue(b.admin_state_up) }),
    };
    const more = {
      ...(b.shared !== undefined && { shared: isTrue(b.shared) }),
      ...(b['router:external'] !== undefined && { routerExternal: isTrue(b['router:external']) }),
      ...(b.is_default !== undefined && { isDefault: isTrue(b.is_default) }),
    };
    await labelled(ctx, { description: b.description }, async (joint) => {
      if (scopeOf(joint).admin) await changeNetwork(joint, id, { ...own, ...more }, hooksOf(joint));
      else await changeOwnNetwork(joint, id, own);
      return id;
    });
  },
  remove: (ctx, id) => removeOwnNetwork(ctx, id),
};
