import { boundedArray, facadeNetwork } from '@nefos/contracts';
import { z } from 'zod';
import { poolsOf, type Pool } from '../../catalog/address-plan.js';
import type { ComputeRequest } from '../../ctx.js';
import { faceFault, named } from '../../facade/api/refused.js';
import { changeOwnSubnet, createOwnSubnet, removeOwnSubnet } from '../../networking/domain/own-networks.js';
import { getResource, labelled, networkStore, subnetStore } from '../domain/resources.js';
import { readAttributes } from './attributes.js';
import { commonView, demandProject, description, id, name, projectFields, type Labelled } from './common.js';
import type { Resource } from './resource.js';
import { always, cidr, flag, ip, ipOrNone, nothing, whole } from './values.js';

interface Row extends Labelled {
  name: string;
  networkId: string;
  cidr: string;
  gatewayIp: string | null;
  version: number;
  enableDhcp: boolean;
  dnsNameservers: string[];
  allocationPools: Pool[];
  hostRoutes: { destination: string; nexthop: string }[];
}
const pools = boundedArray(z.strictObject({ start: ip, end: ip }), 20);
const routes = boundedArray(z.strictObject({ destination: cidr, nexthop: ip }), 20);
const noPools = nothing('there are no subnet pools').optional();
const noModes = nothing('addresses are told by DHCP').optional();
const writable = {
  name: name.optional(),
  description: description.optional(),
  gateway_ip: ipOrNone.nullish(),
  enable_dhcp: flag.optional(),
  dns_nameservers: boundedArray(ip, 5).nullish(),
  allocation_pools: pools.nullish(),
  host_routes: routes.nullish(),
  dns_publish_fixed_ip: always(false, 'there is no DNS').optional(),
  service_types: nothing('there are no service types').optional(),
};
const create = z.strictObject({
  ...writable,
  ...projectFields,
  network_id: id,
  cidr,
  ip_version: whole(4, 6).optional(),
  subnetpool_id: noPools,
  use_default_subnetpool: always(false, 'there are no subnet pools').optional(),
  prefixlen: noPools,
  segment_id: nothing('there are no segments').optional(),
  ipv6_ra_mode: noModes,
  ipv6_address_mode: noModes,
});
const update = z.strictObject(writable);
const FIRST = [
  'tenant_id',
  'project_id',
  'network_id',
  'cidr',
  'ip_version',
  'subnetpool_id',
  'ipv6_ra_mode',
  'ipv6_address_mode',
  'segment_id',
];
const gatewayOf = (given: string | null | undefined): { gatewayIp?: string | null } =>
  given === undefined ? {} : { gatewayIp: given || null };
const demandVersion = (range: string, version: number | undefined): void => {
  if (version !== undefined && version !== (range.includes(':') ? 6 : 4))
    throw faceFault(
      'invalid',
      `Invalid input for operation: cidr ${range} does not match the ip_version ${version}.`,
      'InvalidInput',
    );
};
/** The network that a subnet comes to, if the caller sees it. @throws Fault not_found */
const networkOf = (ctx: ComputeRequest, network: string): Promise<{ projectId: string | null }> =>
  named(
    () => getResource<{ projectId: string | null }>(ctx, networkStore, network),
    `Network ${network} could not be found.`,
    'NetworkNotFound',
  );

export const subnetResource: Resource<Row> = {
  contracts: facadeNetwork.subnets,
  singular: 'subnet',
  plural: 'subnets',
  absent: { type: 'SubnetNotFound', message: (one) => `Subnet ${one} could not be found.` },
  store: subnetStore,
  view: (_ctx, row) => ({
    id: row.id,
    name: row.name,
    network_id: row.networkId,
    cidr: row.cidr,
    gateway_ip: row.gatewayIp,
    ip_version: row.version,
    enable_dhcp: row.enableDhcp,
    dns_nameservers: row.dnsNameservers,
    allocation_pools: poolsOf(row),
    host_routes: row.hostRoutes,
    ipv6_ra_mode: null,
    ipv6_address_mode: null,
    subnetpool_id: null,
    segment_id: null,
    service_types: [],
    dns_publish_fixed_ip: false,
    ...commonView(row),
  }),
  create: async (ctx, given) => {
    const b = readAttributes(create, given);
    demandVersion(b.cidr, b.ip_version);
    demandProject(ctx, b, (await networkOf(ctx, b.network_id)).projectId);
    return labelled(ctx, { description: b.description }, async (joint) => {
      const made = await createOwnSubnet(joint, {
        networkId: b.network_id,
        name: b.name ?? '',
        cidr: b.cidr,
        ...gatewayOf(b.gateway_ip),
        enableDhcp: b.enable_dhcp ?? true,
        dnsNameservers: b.dns_nameservers ?? [],
        allocationPools: b.allocation_pools ?? [],
        hostRoutes: b.host_routes ?? [],
      });
      return made.id;
    });
  },
  update: async (ctx, one, given) => {
    const b = readAttributes(update, given, { put: true, first: FIRST });
    await labelled(ctx, { description: b.description }, async (joint) => {
      await changeOwnSubnet(joint, one, {
        name: b.name,
        ...gatewayOf(b.gateway_ip),
        enableDhcp: b.enable_dhcp,
        ...(b.dns_nameservers !== undefined && { dnsNameservers: b.dns_nameservers ?? [] }),
        ...(b.allocation_pools !== undefined && { allocationPools: b.allocation_pools ?? [] }),
        ...(b.host_routes !== undefined && { hostRoutes: b.host_routes ?? [] }),
      });
      return one;
    });
  },
  remove: (ctx, one) => removeOwnSubnet(ctx, one),
};
