import { boundedArray, facadeNetwork } from '@nefos/contracts';
import { z } from 'zod';
import { poolsOf, type Pool } from '../../catalog/address-plan.js';
import { faceFault } from '../../facade/api/refused.js';
import { changeOwnSubnet, createOwnSubnet, removeOwnSubnet } from '../../networking/domain/own-networks.js';
import { labelled, subnetStore } from '../domain/resources.js';
import { readAttributes } from './attributes.js';
import { commonView, demandId, description, flag, id, isTrue, name, projectFields, type Labelled } from './common.js';
import type { Resource } from './resource.js';

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
const ip = z.union([z.ipv4(), z.ipv6()]);
const cidr = z.union([z.cidrv4(), z.cidrv6()]);
const pools = boundedArray(z.strictObject({ start: ip, end: ip }), 20);
const routes = boundedArray(z.strictObject({ destination: cidr, nexthop: ip }), 20);
const writable = {
  name: name.optional(),
  description: description.optional(),
  gateway_ip: z.union([ip, z.literal('')]).nullish(),
  enable_dhcp: flag.optional(),
  dns_nameservers: boundedArray(ip, 5).nullish(),
  allocation_pools: pools.nullish(),
  host_routes: routes.nullish(),
  dns_publish_fixed_ip: z.literal(false).optional(),
  service_types: boundedArray(z.string().max(255), 0).optional(),
};
const create = z.strictObject({
  ...writable,
  ...projectFields,
  network_id: id,
  cidr,
  ip_version: z.union([z.literal(4), z.literal(6), z.literal('4'), z.literal('6')]).optional(),
  subnetpool_id: z.null().optional(),
  segment_id: z.null().optional(),
  ipv6_ra_mode: z.null().optional(),
  ipv6_address_mode: z.null().optional(),
});
const update = z.strictObject(writable);
const gatewayOf = (given: string | null | undefined): { gatewayIp?: string | null } =>
  given === undefined ? {} : { gatewayIp: given || null };

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
    demandId('network', b.network_id);
    const version = b.cidr.includes(':') ? 6 : 4;
    if (b.ip_version !== undefined && Number(b.ip_version) !== version)
      throw faceFault(
        'invalid',
        `Invalid input for operation: cidr ${b.cidr} does not match the ip_version ${b.ip_version}.`,
        'InvalidInput',
      );
    return labelled(ctx, { description: b.description }, async (joint) => {
      const made = await createOwnSubnet(joint, {
        networkId: b.network_id,
        name: b.name ?? '',
        cidr: b.cidr,
        ...gatewayOf(b.gateway_ip),
        enableDhcp: isTrue(b.enable_dhcp, true),
        dnsNameservers: b.dns_nameservers ?? [],
        allocationPools: b.allocation_pools ?? [],
        hostRoutes: b.host_routes ?? [],
      });
      return made.id;
    });
  },
  update: async (ctx, one, given) => {
    const b = readAttributes(update, given);
    await labelled(ctx, { description: b.description }, async (joint) => {
      await changeOwnSubnet(joint, one, {
        ...(b.name !== undefined && { name: b.name }),
        ...gatewayOf(b.gateway_ip),
        ...(b.enable_dhcp !== undefined && { enableDhcp: isTrue(b.enable_dhcp) }),
        ...(b.dns_nameservers !== undefined && { dnsNameservers: b.dns_nameservers ?? [] }),
        ...(b.allocation_pools !== undefined && { allocationPools: b.allocation_pools ?? [] }),
        ...(b.host_routes !== undefined && { hostRoutes: b.host_routes ?? [] }),
      });
      return one;
    });
  },
  remove: (ctx, one) => removeOwnSubnet(ctx, one),
};
