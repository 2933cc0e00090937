import type { z } from 'zod';
import * as drf from '../drf/index.js';
import { contractIn } from '../endpoint.js';
import { flavorDetail, flavorGroup, network, regionDetail, subnet } from './cloud.js';
import { ipAddress, ipNetwork, properties, regionId } from './cloud-fields.js';
import { DRIVER_KINDS } from './driver-kinds.js';
import { idParam, MAX_INT } from './params.js';

const contract = contractIn('catalog');

/** What staff write of the catalog (contract compute §8.1). End users only read it. */
/** The largest flavor. */
export const LARGEST_FLAVOR = { vcpus: 4096, megabytes: 67_108_864, gigabytes: 1_048_576, projects: 1000 } as const;
const flag = (value: boolean) => drf.boolean({ required: false, default: value });
const note = drf.char({ required: false, blank: true, max: 1024, default: '' });
const project = drf.char({ max: 64 });
const gigabytes = drf.integer({ required: false, default: 0, min: 0, max: LARGEST_FLAVOR.gigabytes });

const regionChanges = {
  description: note,
  enabled: flag(true),
  enable_volumes: flag(true),
  enable_snapshots: flag(true),
  driver: drf.choice(DRIVER_KINDS, { required: false, default: 'sim' }),
};
const flavorFields = {
  region: drf.char({ max: 64 }),
  name: drf.char({ max: 255 }),
  description: drf.char({ required: false, nullable: true, blank: true, max: 1024, default: null }),
  vcpus: drf.integer({ min: 1, max: LARGEST_FLAVOR.vcpus }),
  memory_mb: drf.integer({ min: 1, max: LARGEST_FLAVOR.megabytes }),
  root_gb: gigabytes,
  ephemeral_gb: gigabytes,
  swap: drf.integer({ required: false, default: 0, min: 0, max: LARGEST_FLAVOR.megabytes }),
  properties: properties({ required: false, default: {} }),
  flavor_group: drf.integer({ required: false, nullable: true, default: null, min: 1, max: MAX_INT }),
  is_public: flag(true),
  project_ids: drf.list(project, { required: false, default: [], max: LARGEST_FLAVOR.projects }),
  disabled: flag(false),
  out_of_stock: flag(false),
  stock_limit: drf.integer({ required: false, nullable: true, default: null, min: 0, max: 1_000_000 }),
};
const flavorGroupFields = {
  name: drf.char({ max: 128 }),
  description: note,
  priority: drf.integer({ required: false, default: 0, min: -1_000_000, max: 1_000_000 }),
};
const networkFields = {
  region: drf.char({ max: 64 }),
  name: drf.char({ max: 255 }),
  project_id: drf.char({ required: false, nullable: true, max: 64, default: null }),
  shared: flag(false),
  router_external: flag(false),
  admin_state_up: flag(true),
  // An IPv6 network needs 1280; 68 is what IPv4 asks for.
  mtu: drf.integer({ required: false, default: 1500, min: 68, max: 65_535 }),
  is_default: flag(false),
};
export const subnetFields = {
  network_id: drf.uuid({}),
  cidr: ipNetwork({}),
  name: drf.char({ required: false, blank: true, max: 255, default: '' }),
  // Absent: the first address of the network; null: none.
  gateway_ip: ipAddress({ required: false, nullable: true }),
  enable_dhcp: flag(true),
  dns_nameservers: drf.list(ipAddress({}), { required: false, default: [], max: 10 }),
  // Empty: every address but the gateway's.
  allocation_pools: drf.list(drf.dict({ start: ipAddress({}), end: ipAddress({}) }), {
    required: false,
    default: [],
    max: 20,
  }),
  host_routes: drf.list(drf.dict({ destination: ipNetwork({}), nexthop: ipAddress({}) }), {
    required: false,
    default: [],
    max: 50,
  }),
};

/** What end users change of their own networks and subnets. */
export const networkChanges = { name: networkFields.name, admin_state_up: networkFields.admin_state_up };
export const subnetChanges = {
  name: subnetFields.name,
  gateway_ip: subnetFields.gateway_ip,
  enable_dhcp: subnetFields.enable_dhcp,
  dns_nameservers: subnetFields.dns_nameservers,
  allocation_pools: subnetFields.allocation_pools,
  host_routes: subnetFields.host_routes,
};

const SOURCE = { access: 'staff', source: 'contract compute §8.1' } as const;
const create = <const Path extends string, const S extends Record<string, z.ZodType>, R extends z.ZodType>(
  path: Path,
  what: string,
  fields: S,
  response: R,
) =>
  contract({
    ...SOURCE,
    method: 'post',
    path: `/staffapi/openstack/${path}`,
    status: 201,
    summary: `Make a ${what}`,
    description: `Makes a ${what} and answers it. 400 names every field that is refused.`,
    body: drf.dict(fields),
    response,
  });
const change = <const Path extends string, const S extends Record<string, z.ZodType>, R extends z.ZodType>(
  path: Path,
  what: string,
  fields: S,
  response: R,
) =>
  contract({
    ...SOURCE,
    method: 'patch',
    path: `/staffapi/openstack/${path}/:id`,
    status: 200,
    refusals: [409],
    summary: `Change a ${what}`,
    description: `Changes the fields that are sent and leaves the others. 409 when instances of the ${what} forbid it.`,
    params: idParam,
    body: drf.partial(fields),
    response,
  });
const remove = <const Path extends string>(path: Path, what: string) =>
  contract({
    ...SOURCE,
    method: 'delete',
    path: `/staffapi/openstack/${path}/:id`,
    status: 204,
    refusals: [409],
    summary: `Delete a ${what}`,
    description: `Deletes a ${what} that nothing uses; 409 says what does.`,
    params: idParam,
  });
const writes = <const Path extends string, const S extends Record<string, z.ZodType>, R extends z.ZodType>(
  path: Path,
  what: string,
  fields: S,
  response: R,
) => ({
  create: create(path, what, fields, response),
  patch: change(path, what, fields, response),
  remove: remove(path, what),
});
export const staffCatalog = {
  regions: {
    create: create('regions', 'region', { id: regionId({}), ...regionChanges }, regionDetail),
    patch: change('regions', 'region', regionChanges, regionDetail),
    remove: remove('regions', 'region'),
  },
  flavors: writes('flavors', 'flavor', flavorFields, flavorDetail),
  flavorGroups: writes('flavorgroups', 'flavor group', flavorGroupFields, flavorGroup),
  networks: writes('networks', 'network', networkFields, network),
  subnets: writes('subnets', 'subnet', subnetFields, subnet),
};
