import {
  boolean,
  cidr,
  inet,
  instant,
  integer,
  jsonb,
  nullable,
  table,
  text,
  uuid,
  withDefault,
  type Row,
} from '@nefos/service-kit';

// They stand above the store because the stores of later areas read and write them too.

/** Why the driver could not make a thing as it was wanted. */
export interface NetFault {
  code: string;
  message: string;
}
/** What end users read of a fault instead of the hypervisor's message. */
export const PLAIN_FAULT = 'The region could not carry it out.';
export type NetStatus = 'ACTIVE' | 'DOWN' | 'BUILD' | 'ERROR';
const made = {
  status: withDefault(text<NetStatus>()),
  fault: nullable(jsonb<NetFault>()),
  /** The hypervisor's own id. */
  backendId: nullable(text()),
  createdAt: withDefault(instant()),
};

/** Security groups of projects, in a region each. */
export const securityGroups = table(
  'security_group',
  {
    id: uuid(),
    projectId: text(),
    regionId: text(),
    name: text(),
    description: withDefault(text()),
    /** The one that ports get for which none is named. */
    isDefault: withDefault(boolean()),
    ...made,
  },
  { primary: ['id'] },
);
export type SecurityGroup = Row<typeof securityGroups>;
export type Direction = 'ingress' | 'egress';
export type Ethertype = 'IPv4' | 'IPv6';
/** What a security group lets through; all else is dropped. */
export const securityGroupRules = table(
  'security_group_rule',
  {
    id: uuid(),
    securityGroupId: uuid(),
    direction: text<Direction>(),
    ethertype: text<Ethertype>(),
    /** Null: any. */
    protocol: nullable(text()),
    /** Ports, or for ICMP type and code; null: any. */
    portMin: nullable(integer()),
    portMax: nullable(integer()),
    remotePrefix: nullable(cidr()),
    remoteGroupId: nullable(uuid()),
    createdAt: withDefault(instant()),
  },
  { primary: ['id'] },
);
export type SecurityGroupRule = Row<typeof securityGroupRules>;

/** Network interfaces: those of instances, and those that clients keep. */
export const ports = table(
  'port',
  {
    id: uuid(),
    networkId: uuid(),
    projectId: text(),
    regionId: text(),
    name: withDefault(text()),
    /** Null: the driver has not told it yet. */
    macAddress: nullable(text()),
    instanceId: nullable(uuid()),
    /** Order of the instance's interfaces. */
    position: withDefault(integer()),
    /** Goes with the instance: it was made with it or for it. */
    ofInstance: withDefault(boolean()),
    /** What a job is about to do; null: nothing. */
    change: nullable(text<'attaching' | 'detaching'>()),
    portSecurity: withDefault(boolean()),
    /** Whether its security groups are the portal's: false as long as it has those that the hypervisor gave. */
    groupsKnown: withDefault(boolean()),
    ...made,
  },
  { primary: ['id'] },
);
export type Port = Row<typeof ports>;
export const portSecurityGroups = table(
  'port_security_group',
  { portId: uuid(), securityGroupId: uuid() },
  { primary: ['portId', 'securityGroupId'] },
);

/** Addresses of networks outside that lead to addresses of ports. */
export const floatingIps = table(
  'floating_ip',
  {
    id: uuid(),
    networkId: uuid(),
    projectId: text(),
    regionId: text(),
    /** Null: the driver has not chosen it yet. */
    address: nullable(inet()),
    portId: nullable(uuid()),
    fixedAddress: nullable(inet()),
    ...made,
  },
  { primary: ['id'] },
);
export type FloatingIp = Row<typeof floatingIps>;

/** Addresses that are taken; the key gives each once. */
export const networkAddresses = table(
  'network_address',
  {
    networkId: uuid(),
    address: inet(),
    subnetId: nullable(uuid()),
    portId: nullable(uuid()),
    floatingIpId: nullable(uuid()),
    /** Order of the port's addresses. */
    position: withDefault(integer()),
  },
  { primary: ['networkId', 'address'] },
);

/** Routers between a project's subnets, and to a network outside. */
export const routers = table(
  'router',
  { id: uuid(), projectId: text(), regionId: text(), name: text(), externalNetworkId: nullable(uuid()), ...made },
  { primary: ['id'] },
);
export type Router = Row<typeof routers>;
/** A subnet is connected to one router, by the address of its gateway. */
export const routerInterfaces = table(
  'router_interface',
  {
    subnetId: uuid(),
    routerId: uuid(),
    /** The port that it is in OpenStack's network API. */
    portId: withDefault(uuid()),
  },
  { primary: ['subnetId'] },
);

/**
 * What the drivers have to be told of: a thing that was changed, or that is gone here. `doneRevision` is the revision
 * that the driver has.
 */
export const networkSyncs = table(
  'network_sync',
  {
    kind: text<'network' | 'subnet' | 'router' | 'port' | 'floating_ip' | 'security_group'>(),
    id: uuid(),
    regionId: text(),
    /** Of a thing that is gone here. */
    backendId: nullable(text()),
    gone: withDefault(boolean()),
    /** The driver has removed it; it is asked once more, in case that a call of before has come late. */
    removed: withDefault(boolean()),
    revision: withDefault(integer()),
    doneRevision: withDefault(integer()),
    attempts: withDefault(integer()),
    error: nullable(jsonb<NetFault>()),
    /** When the sweep checks whether it has a job; null: there is nothing to do. */
    nextCheckAt: nullable(instant()),
  },
  { primary: ['kind', 'id'] },
);
export type NetworkSync = Row<typeof networkSyncs>;
