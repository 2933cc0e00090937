import type { compute } from '@nefos/contracts';
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

export type DriverKind = compute.DriverKind;
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
    driver: withDefault(text<compute.DriverKind>()),
    /** What the driver needs to know, without secrets. */
    driverSettings: withDefault(jsonb<Record<string, unknown>>()),
    /** The driver's secrets: a sealed JSON object. */
    driverSecrets: nullable(text()),
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
    properties: withDefault(jsonb<Record<string, string | number | boolean | null>>()),
    isPublic: withDefault(boolean()),
    disabled: withDefault(boolean()),
    outOfStock: withDefault(boolean()),
    /** How many instances of the flavor may exist; null: as many as fit. */
    stockLimit: nullable(integer()),
    /** False: no host of the region has room for one more. */
    hasRoom: withDefault(boolean()),
    /** The reseller's set that it belongs to; null: it is the provider's. */
    resellerResourcesId: nullable(integer()),
    /** The hypervisor's own id. */
    backendId: nullable(text()),
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

export type ImageStatus = 'queued' | 'saving' | 'importing' | 'active' | 'deactivated' | 'killed' | 'pending_delete';
/** A refusal as it was thrown: its words are made when it is shown. */
export interface ImageFault {
  code: string;
  params: Record<string, string | number>;
  at: string;
}
/** Disk images. */
export const images = table(
  'image',
  {
    id: uuid(),
    regionId: text(),
    projectId: nullable(text()),
    name: text(),
    status: withDefault(text<ImageStatus>()),
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
    /** The volume that the hypervisor has made it of, which may be gone. */
    volumeId: nullable(uuid()),
    protected: withDefault(boolean()),
    tags: withDefault(textArray()),
    createdAt: withDefault(instant()),
    updatedAt: withDefault(instant()),
    /** The hypervisor's own id. */
    backendId: nullable(text()),
    /** The data here, or what is being written of it (`saving`, `importing`). */
    dataId: nullable(uuid()),
    /** Bytes of the disk in it. */
    virtualSize: nullable(bigint()),
    sha256: nullable(text()),
    sha512: nullable(text()),
    properties: withDefault(jsonb<Record<string, string>>()),
    /** Why the last upload, import or snapshot failed. */
    fault: nullable(jsonb<ImageFault>()),
    /** Where it is being imported from; it may hold a secret, and is forgotten at the end. */
    importUrl: nullable(text()),
    importSha256: nullable(text()),
    /** The cloud does not have it any more: that is why it is deactivated. */
    gone: withDefault(boolean()),
    /** OpenStack's lists leave it out unless it is asked for. */
    hidden: withDefault(boolean()),
  },
  { primary: ['id'] },
);
export type Image = Row<typeof images>;

/**
 * Data of images in the store of files, by the id that it has there. `writing`: somebody does, and touches the row
 * meanwhile. `live`: an image has it. `dead`: to be taken away.
 */
export const imageData = table(
  'image_data',
  {
    id: uuid(),
    imageId: uuid(),
    state: withDefault(text<'writing' | 'live' | 'dead'>()),
    /** Announced or written so far, while it is being written. */
    bytes: withDefault(safeInteger()),
    touchedAt: withDefault(instant()),
  },
  { primary: ['id'] },
);

/** Projects that an image is shared with. */
export const imageMembers = table(
  'image_member',
  {
    imageId: uuid(),
    projectId: text(),
    createdAt: withDefault(instant()),
    /** Whether the project has accepted it: what is shared by the portal is accepted. */
    status: withDefault(text<'pending' | 'accepted' | 'rejected'>()),
    /** The image's own, for the orders of what is shared with a project; kept by triggers. */
    imageName: withDefault(text()),
    imageCreatedAt: withDefault(instant()),
  },
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
    /** The hypervisor's own id. */
    backendId: nullable(text()),
    /** A client made it, and so the portal makes it at the hypervisor; else the hypervisor has it already. */
    managed: withDefault(boolean()),
    /** The one of its project and region that was made by itself. */
    autoCreated: withDefault(boolean()),
    /** Why the driver could not make it. */
    fault: nullable(jsonb<{ code: string; message: string }>()),
    /** The name that the cloud has; another `name` is the staff's. */
    givenName: nullable(text()),
    createdAt: withDefault(instant()),
  },
  { primary: ['id'] },
);
export type Network = Row<typeof networks>;

/** Addresses that may be given out; both ends belong to it. */
export interface Pool {
  start: string;
  end: string;
}
export interface HostRoute {
  destination: string;
  nexthop: string;
}
/** Ranges of addresses of a network. */
export const subnets = table(
  'subnet',
  {
    id: uuid(),
    networkId: uuid(),
    name: text(),
    cidr: cidr(),
    gatewayIp: nullable(inet()),
    enableDhcp: withDefault(boolean()),
    dnsNameservers: withDefault(jsonb<string[]>()),
    /** Empty: every address but the gateway's. */
    allocationPools: withDefault(jsonb<Pool[]>()),
    hostRoutes: withDefault(jsonb<HostRoute[]>()),
    /** The hypervisor's own id. */
    backendId: nullable(text()),
    createdAt: withDefault(instant()),
  },
  { primary: ['id'] },
);
export type Subnet = Row<typeof subnets>;

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
