import { facadeNetwork } from '@nefos/contracts';
import { z } from 'zod';
import { changeNetwork, createNetwork } from '../../catalog/domain/networks.js';
import type { ComputeRequest } from '../../ctx.js';
import { scopeOf } from '../../facade/domain/scope.js';
import { changeOwnNetwork, createOwnNetwork, hooksOf, removeOwnNetwork } from '../../networking/domain/own-networks.js';
import { labelled, networkStore } from '../domain/resources.js';
import { readAttributes } from './attributes.js';
import {
  commonView,
  description,
  name,
  notAllowed,
  projectFields,
  regionFor,
  whoseOf,
  zoneHints,
  type GivenProject,
  type Labelled,
} from './common.js';
import type { Resource } from './resource.js';
import { always, flag, nothing, whole } from './values.js';

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
const writable = {
  name: name.optional(),
  description: description.optional(),
  admin_state_up: flag.optional(),
  shared: flag.optional(),
  'router:external': flag.optional(),
  is_default: flag.optional(),
  mtu: whole(68, 65_535).optional(),
  port_security_enabled: always(true, 'ports of a network have port security').optional(),
  qos_policy_id: nothing('there are no QoS policies').optional(),
};
const create = z.strictObject({ ...writable, ...projectFields, availability_zone_hints: zoneHints });
const update = z.strictObject(writable);
const FIRST = ['tenant_id', 'project_id', 'availability_zone_hints', 'subnets', 'availability_zones'];
type Changes = z.infer<typeof update>;

/** What only administrators set, as Neutron's policy has it. @throws Fault forbidden */
const demandPlain = (ctx: ComputeRequest, b: Changes, verb: 'create' | 'update'): void => {
  if (scopeOf(ctx).admin) return;
  for (const field of ['shared', 'router:external', 'is_default'] as const)
    if (b[field]) throw notAllowed(`${verb}_network and rule:${verb}_network:${field}`);
};
/**
 * Networks of administrators are the provider's, in no project, unless they name a client's project, or the token has
 * one; those that clouds share or that lead outside always are.
 */
const isProvider = (ctx: ComputeRequest, b: Changes & GivenProject): boolean => {
  const { admin, clientId } = scopeOf(ctx);
  if (!admin) return false;
  if (b.shared || b['router:external']) return true;
  return clientId === null && (b.project_id ?? b.tenant_id) === undefined;
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
    availability_zone_hints: [row.regionId],
    port_security_enabled: true,
    ipv4_address_scope: null,
    ipv6_address_scope: null,
    l2_adjacency: true,
    qos_policy_id: null,
    ...commonView(row),
  }),
  create: async (ctx, given) => {
    const b = readAttributes(create, given);
    demandPlain(ctx, b, 'create');
    const region = await regionFor(ctx, b.availability_zone_hints);
    const own = { region, name: b.name ?? '', adminStateUp: b.admin_state_up ?? true, mtu: b.mtu ?? 1500 };
    return labelled(ctx, { description: b.description }, async (joint) => {
      if (!isProvider(joint, b)) return (await createOwnNetwork(joint, own, await whoseOf(joint, b))).id;
      const external = b['router:external'] ?? false;
      const made = await createNetwork(
        joint,
        {
          ...own,
          projectId: null,
          routerExternal: external,
          // Clients see an external network of the provider when it is shared.
          shared: b.shared ?? external,
          isDefault: b.is_default ?? false,
        },
        hooksOf(joint),
      );
      return made.id;
    });
  },
  update: async (ctx, id, given) => {
    const b = readAttributes(update, given, { put: true, first: FIRST });
    demandPlain(ctx, b, 'update');
    const own = { name: b.name, adminStateUp: b.admin_state_up, mtu: b.mtu };
    await labelled(ctx, { description: b.description }, async (joint) => {
      if (scopeOf(joint).admin)
        await changeNetwork(
          joint,
          id,
          { ...own, shared: b.shared, routerExternal: b['router:external'], isDefault: b.is_default },
          hooksOf(joint),
        );
      else await changeOwnNetwork(joint, id, own);
      return id;
    });
  },
  remove: (ctx, id) => removeOwnNetwork(ctx, id),
};
