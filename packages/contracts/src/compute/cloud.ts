import { z } from 'zod';
import { contractIn } from '../endpoint.js';
import { DRIVER_KINDS } from './driver-kinds.js';
import { listOf, listQuery } from './lists.js';
import { idParam, one } from './params.js';

const contract = contractIn('catalog');

/**
 * Regions, flavors, networks and subnets (contract compute §8.1). Staff read them under `/staffapi`; end users
 * read those that they may use under `/api`. What staff write: cloud-writes.ts; images: images.ts.
 */
const regionShape = {
  id: z.string(),
  enable_volumes: z.boolean(),
  description: z.string(),
  enable_snapshots: z.boolean(),
  enabled: z.boolean(),
};
/** The 5 keys of a region inside an instance. */
export const region = z.strictObject(regionShape).meta({ id: 'Region' });
/** Staff see what manages its machines, too. */
export const regionDetail = z
  .strictObject({ ...regionShape, driver: z.enum(DRIVER_KINDS).optional() })
  .meta({ id: 'RegionDetail' });
const flavorShape = {
  id: z.uuid(),
  name: z.string(),
  description: z.string(),
  region: z.string(),
  vcpus: z.int(),
  memory_mb: z.int(),
  memory_gb: z.number(),
  root_gb: z.int(),
  ephemeral_gb: z.int(),
  swap: z.int(),
  /** JSON as text. */
  properties: z.string(),
  out_of_stock: z.boolean(),
  used_by_resellers: z.array(z.object({ id: z.int(), name: z.string() })),
  reseller_resources: z.object({ id: z.int(), name: z.string() }).nullable(),
  flavor_group: z.strictObject({ id: z.int(), name: z.string(), priority: z.int() }).nullable(),
};
/** The 15 keys of a flavor inside an instance. */
export const flavor = z.strictObject(flavorShape).meta({ id: 'Flavor' });
export const flavorDetail = z
  .strictObject({
    ...flavorShape,
    is_public: z.boolean(),
    project_ids: z.array(z.string()).optional(),
    disabled: z.boolean(),
    stock_limit: z.int().nullable().optional(),
    stock_used: z.int().optional(),
  })
  .meta({ id: 'FlavorDetail' });
export const flavorGroup = z
  .strictObject({ id: z.int(), name: z.string(), priority: z.int(), description: z.string() })
  .meta({ id: 'FlavorGroup' });
export const network = z
  .strictObject({
    id: z.uuid(),
    name: z.string(),
    region: z.string(),
    shared: z.boolean(),
    router_external: z.boolean(),
    admin_state_up: z.boolean(),
    status: z.string(),
    mtu: z.int(),
    subnets: z.array(z.uuid()),
    project_id: z.string().nullable(),
    is_default: z.boolean(),
  })
  .meta({ id: 'Network' });
export const subnet = z
  .strictObject({
    id: z.uuid(),
    name: z.string(),
    network_id: z.uuid(),
    cidr: z.string(),
    ip_version: z.union([z.literal(4), z.literal(6)]),
    gateway_ip: z.string().nullable(),
    enable_dhcp: z.boolean(),
    dns_nameservers: z.array(z.string()),
    allocation_pools: z.array(z.strictObject({ start: z.string(), end: z.string() })),
    host_routes: z.array(z.strictObject({ destination: z.string(), nexthop: z.string() })),
  })
  .meta({ id: 'Subnet' });

const forClient = listQuery.safeExtend({ client: one.describe('what this client may use') });
const lists = <const Root extends 'staffapi' | 'api', const Access extends 'staff' | 'enduser'>(
  root: Root,
  access: Access,
) => {
  const pair = <const Path extends string, S extends z.ZodType>(path: Path, what: string, item: S) => ({
    list: contract({
      method: 'get',
      path: `/${root}/openstack/${path}`,
      access,
      status: 200,
      summary: `List ${what}s`,
      description: `Lists the ${what}s that the caller may use, with paging, ordering, search and filtering.`,
      source: 'contract compute §3, §8.1',
      query: forClient,
      response: listOf(item),
    }),
    get: contract({
      method: 'get',
      path: `/${root}/openstack/${path}/:id`,
      access,
      status: 200,
      summary: `One ${what}`,
      description: `Answers one ${what} that the caller may use; 404 for any other.`,
      source: 'contract compute §8.1',
      params: idParam,
      response: item,
    }),
  });
  return {
    regions: pair('regions', 'region', regionDetail),
    flavors: pair('flavors', 'flavor', flavorDetail),
    flavorGroups: pair('flavorgroups', 'flavor group', flavorGroup),
    networks: pair('networks', 'network', network),
    subnets: pair('subnets', 'subnet', subnet),
  };
};
export const staffCloud = lists('staffapi', 'staff');
export const userCloud = lists('api', 'enduser');
