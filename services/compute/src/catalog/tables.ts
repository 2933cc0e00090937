import {
  bigint,
  boolean,
  cidr,
  generated,
  inet,
  instant,
  integer,
  jsonb,
  nullable,
  safeInteger,
  table,
  text,
  textArray,
  uuid,
  withDefault,
  type Row,
} from '@nefos/service-kit';

// They stand above the store because the stores of later areas read them too.

/** Regions of the cloud. */
export const regions = table(
  'region',
  {
    id: text(),
    description: withDefault(text()),
    enabled: withDefault(boolean()),
    enableVolumes: withDefault(boolean()),
    enableSnapshots: withDefault(boolean()),
    /** The kind of driver that manages the region's machines. */
    driver: withDefault(text<'sim'>()),
  },
  { primary: ['id'] },
);
export type Region = Row<typeof regions>;

/** Flavors are shown in groups, by the group's priority. */
export const flavorGroups = table(
  'flavor_group',
  { id: generated(integer()), name: text(), description: withDefault(text()), priority: withDefault(integer()) },
  { primary: ['id'] },
);
export type FlavorGroup = Row<typeof flavorGroups>;

/** Sizes in which an instance can be created. */
export const flavors = table(
  'flavor',
  {
    id: uuid(),
    regionId: text(),
    flavorGroupId: nullable(integer()),
    name: text(),
    description: nullable(text()),
    vcpus: integer(),
    memoryMb: integer(),
    rootGb: withDefault(integer()),
    ephemeralGb: withDefault(integer()),
    swapMb: withDefault(integer()),
    properties: withDefault(jsonb<object>()),
    isPublic: withDefault(boolean()),
    disabled: withDefault(boolean()),
    outOfStock: withDefault(boolean()),
    /** How many instances of the flavor may exist; null: as many as fit. */
    stockLimit: nullable(integer()),
    /** False: no host of the region has room for one more. */
    hasRoom: withDefault(boolean()),
    /** The reseller's set that it belongs to; null: it is the provider's. */
    resellerResourcesId: nullable(integer()),
  },
  { primary: ['id'] },
);
export type Flavor = Row<typeof flavors>;

/** Projects that may use a flavor which is not public. */
export const flavorProjects = table(
  'flavor_project',
  { flavorId: uuid(), projectId: text() },
  { primary: ['projectId', 'flavorId'] },
);

/** Disk images. */
export const images = table(
  'image',
  {
    id: uuid(),
    regionId: text(),
    projectId: nullable(text()),
    name: text(),
    status: withDefault(text()),
    visibility: withDefault(text<'public' | 'private' | 'shared' | 'community'>()),
    type: withDefault(text<'template' | 'snapshot' | 'iso' | 'backup'>()),
    /** GB. */
    minDisk: withDefault(integer()),
    /** MB. */
    minRam: withDefault(integer()),
    /** Bytes. */
    size: withDefault(bigint()),
    diskFormat: nullable(text()),
    containerFormat: nullable(text()),
    osDistro: nullable(text()),
    osVersion: nullable(text()),
    architecture: nullable(text()),
    hwQemuGuestAgent: withDefault(boolean()),
    hypervisorType: nullable(text()),
    /** The instance that a snapshot or backup was made of. */
    instanceId: nullable(uuid()),
    protected: withDefault(boolean()),
    tags: withDefault(textArray()),
    createdAt: withDefault(instant()),
    updatedAt: withDefault(instant()),
  },
  { primary: ['id'] },
);
export type Image = Row<typeof images>;

/** Projects that an image is shared with. */
export const imageMembers = table(
  'image_member',
  { imageId: uuid(), projectId: text() },
  { primary: ['projectId', 'imageId'] },
);

/** Networks that instances can be attached to. */
export const networks = table(
  'network',
  {
    id: uuid(),
    regionId: text(),
    projectId: nullable(text()),
    name: text(),
    shared: withDefault(boolean()),
    routerExternal: withDefault(boolean()),
    adminStateUp: withDefault(boolean()),
    status: withDefault(text()),
    mtu: withDefault(integer()),
    isDefault: withDefault(boolean()),
  },
  { primary: ['id'] },
);
export type Network = Row<typeof networks>;

export const subnets = table(
  'subnet',
  { id: uuid(), networkId: uuid(), name: text(), cidr: cidr(), gatewayIp: nullable(inet()) },
  { primary: ['id'] },
);

/** What a reseller offers: one set for each client that is a reseller. */
export const resellerResources = table(
  'reseller_resources',
  { id: generated(integer()), clientId: integer(), name: text() },
  { primary: ['id'] },
);
export type ResellerResources = Row<typeof resellerResources>;
/** The provider's flavors that are in a reseller's catalogue. */
export const resellerCatalogFlavors = table(
  'reseller_catalog_flavor',
  { flavorId: uuid(), resellerResourcesId: integer() },
  { primary: ['flavorId', 'resellerResourcesId'] },
);

/** When a region's hosts were asked last. */
export const regionStocks = table(
  'region_stock',
  { regionId: text(), checkedAt: instant() },
  { primary: ['regionId'] },
);
/** The hosts of all regions, as their drivers told of them last. */
export const hypervisors = table(
  'hypervisor',
  {
    id: uuid(),
    regionId: text(),
    hostName: text(),
    type: text(),
    status: text<'enabled' | 'disabled'>(),
    state: text<'up' | 'down'>(),
    vcpus: integer(),
    vcpusUsed: integer(),
    memoryMb: safeInteger(),
    memoryMbUsed: safeInteger(),
    localGb: safeInteger(),
    localGbUsed: safeInteger(),
    runningVms: integer(),
  },
  { primary: ['id'] },
);
export type Hypervisor = Row<typeof hypervisors>;
