// Networks, subnets, routers, ports, floating IPs and security groups of a region (contract compute §8.1, §11). The
// portal says how a thing is to be, as a whole; the driver makes it so. Every call may be repeated, also after a crash
// in the middle of it, and takes 30 s at most.

/** Names a thing of the network. */
export interface NetRef {
  /** Id in the portal. */
  portalId: string;
  /** The hypervisor's own id; null while the portal does not know it: the driver finds the thing by `portalId`. */
  backendId: string | null;
}
export const NETWORK_KINDS = ['network', 'subnet', 'router', 'port', 'floating_ip', 'security_group'] as const;
export type NetworkKind = (typeof NETWORK_KINDS)[number];

/** A network that a client made for its project. */
export interface NetworkSpec extends NetRef {
  projectId: string;
  name: string;
  adminStateUp: boolean;
  /** Null: the hypervisor's own. */
  mtu: number | null;
}
export interface AddressPool {
  start: string;
  end: string;
}
export interface SubnetSpec extends NetRef {
  projectId: string;
  network: NetRef;
  name: string;
  cidr: string;
  /** Null: there is none. */
  gatewayIp: string | null;
  enableDhcp: boolean;
  dnsNameservers: readonly string[];
  /** Empty: every address but the gateway's. */
  pools: readonly AddressPool[];
  hostRoutes: readonly { destination: string; nexthop: string }[];
}
export interface RouterSpec extends NetRef {
  projectId: string;
  name: string;
  /** The network outside; null: none. */
  external: NetRef | null;
  /** Exactly these subnets are connected to it, each by the address of its gateway. */
  subnets: readonly NetRef[];
}
/** An address of a port. */
export interface FixedIp {
  subnet: NetRef;
  address: string;
}
export interface PortSpec extends NetRef {
  projectId: string;
  network: NetRef;
  name: string;
  /** Null: the driver chooses. */
  mac: string | null;
  /** Exactly these addresses; null: the driver chooses, once, or keeps those that it chose. */
  fixedIps: readonly FixedIp[] | null;
  /** Exactly these groups; null: those that the hypervisor gives by itself. */
  securityGroups: readonly NetRef[] | null;
  /** The machine that has the port; null: none. Changes of this are made by `attachPort` and `detachPort`. */
  machine: NetRef | null;
}
/** A port as the driver has it. */
export interface PortView {
  backendId: string | null;
  mac: string;
  fixedIps: readonly { address: string; subnet: { backendId: string | null } | null }[];
}
export interface FloatingIpSpec extends NetRef {
  projectId: string;
  /** The network outside that the address is of. */
  network: NetRef;
  /** Null: the driver chooses. */
  address: string | null;
  /** Where it leads; null: nowhere. */
  target: { port: NetRef; machine: NetRef | null; mac: string | null; fixedIp: string } | null;
}
export interface FloatingIpView {
  backendId: string | null;
  address: string;
}
export interface SecurityRuleSpec {
  portalId: string;
  direction: 'ingress' | 'egress';
  ethertype: 'IPv4' | 'IPv6';
  /** Name or number of the protocol; null: any. */
  protocol: string | null;
  /** Ports, or for ICMP type and code; null: any. */
  portMin: number | null;
  portMax: number | null;
  /** At most one of both is given. */
  remotePrefix: string | null;
  remoteGroup: NetRef | null;
}
export interface SecurityGroupSpec extends NetRef {
  projectId: string;
  name: string;
  description: string;
  /** Exactly these rules: what the hypervisor gives a new group by itself goes. */
  rules: readonly SecurityRuleSpec[];
}

/** What a driver can do of the network; its kind says it, too. */
export interface NetworkAbilities {
  readonly capabilities: ReadonlySet<NetworkKind>;
  /**
   * Who chooses addresses of ports and floating IPs: the portal, from the pools of its subnets, or the hypervisor, as
   * far as no address is named. The portal refuses an address that a port of its own has in either case.
   */
  readonly addresses: 'portal' | 'driver';
}
/**
 * The network of a region. A driver has the `ensure` of each kind that its `capabilities` name.
 *
 * `ensure` makes the thing, or changes the one that bears `portalId` until it is as the spec says. It throws NOT_FOUND
 * when something that the spec refers to is not there, CONFLICT (tried again) when an address is taken or something
 * else has to go first, INVALID_REQUEST for what will never be possible.
 *
 * Ports of a machine: `NicSpec` has `portId` and, as far as they are known, `portBackendId`, `mac`, `fixedIps` and
 * `securityGroups`. `create` and `attachPort` of the machines' driver take the port that bears `portId` if there is
 * one, and else make it, so that `ensurePort` finds it by `portalId`. `destroy` and `detachPort` take away those that
 * they made, and leave those that `ensurePort` made.
 */
export interface NetworkDriver extends NetworkAbilities {
  /** @returns the hypervisor's own id; null: it has none, and so for the others */
  ensureNetwork?(spec: NetworkSpec): Promise<string | null>;
  ensureSubnet?(spec: SubnetSpec): Promise<string | null>;
  ensureRouter?(spec: RouterSpec): Promise<string | null>;
  ensureSecurityGroup?(spec: SecurityGroupSpec): Promise<string | null>;
  ensurePort?(spec: PortSpec): Promise<PortView>;
  ensureFloatingIp?(spec: FloatingIpSpec): Promise<FloatingIpView>;
  /** Succeeds when there is no such thing. CONFLICT: something uses it still. */
  remove(kind: NetworkKind, ref: NetRef): Promise<void>;
  /** A page of the things of a kind that bear an id of ours, by portal id; `after` ends the page before. */
  list(kind: NetworkKind, page: { after: string | null; limit: number }): Promise<NetRef[]>;
}
