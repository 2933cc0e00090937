import type { Duplex } from 'node:stream';
import type { CloudCatalog } from '../catalog/cloud-catalog.js';
import type { ImageSpec, SnapshotView } from './driver-images.js';
import type { NetworkDriver } from './driver-networks.js';
import type { StoredRef, VolumeDriver } from './driver-volumes.js';

export type { ImageSpec, SnapshotView };

// The interface of the drivers that manage a region's machines (contract compute §11). The portal owns identity,
// quota, billing and state; the driver owns the machines. Every call may be repeated, also after a crash in the
// middle of it. No call takes longer than 30 s: what takes longer goes on after the call, and the portal watches it
// with `get`.

/** Names a machine. */
export interface Ref {
  /** Id of the instance. */
  portalId: string;
  /** The hypervisor's own id; null while it is not known. */
  backendId: string | null;
}
/** NOSTATE, RUNNING, PAUSED, SHUTDOWN, CRASHED, SUSPENDED. */
export type PowerState = 0 | 1 | 3 | 4 | 6 | 7;
/** The size of a machine. */
export interface FlavorSpec {
  vcpus: number;
  memoryMb: number;
  rootGb: number;
  ephemeralGb: number;
  swapMb: number;
  /** The hypervisor's own id of the flavor; absent: it knows sizes only. */
  backendId?: string | null;
}
export interface NicSpec {
  networkId: string;
  networkName: string;
  cidr: string | null;
  /** The gateway's address, which no machine gets; null: there is none; absent: the first of the network. */
  gatewayIp?: string | null;
  /** Addresses that machines get; empty or absent: all of the network but the gateway's. */
  pools?: readonly { start: string; end: string }[];
  /** The hypervisor's own id of the network; absent: the portal's. */
  networkBackendId?: string | null;
  /** Id of the port; absent: the portal keeps none. */
  portId?: string;
  /** The hypervisor's own id of a port that it has already. */
  portBackendId?: string | null;
  /** Absent: the driver chooses. */
  mac?: string;
  /** Addresses that the machine must get; absent or empty: the driver chooses. */
  fixedIps?: readonly string[];
  /** Hypervisor's own ids, or the portal's, of the security groups; absent: those that the hypervisor gives. */
  securityGroups?: readonly string[];
}
/** What a network interface has carried since the machine has it; a restart may begin anew. */
export interface Counters {
  mac: string;
  /** Bytes to the machine. */
  rx: bigint;
  /** Bytes from the machine. */
  tx: bigint;
}
/** A volume that a machine has, and its name there, such as `/dev/vdb`. */
export interface AttachedVolume {
  portalId: string;
  device: string | null;
}
/** What a guest is given at its first boot, by cloud-init or what the hypervisor has in its place. */
export interface GuestSpec {
  /** Public keys, a line each. */
  sshKeys?: readonly string[];
  rootPassword?: string;
  /** At most 64 KiB. */
  userData?: Buffer;
}
export interface InstanceSpec {
  portalId: string;
  name: string;
  tags: readonly string[];
  region: string;
  projectId: string;
  flavor: FlavorSpec;
  imageId: string | null;
  image?: ImageSpec | null;
  guest?: GuestSpec;
  /** In the order of the interfaces. */
  nics: readonly NicSpec[];
  /** In the order of the disks, behind the root disk; with `boot` it is the root disk. */
  volumes?: readonly { volume: StoredRef; device: string | null; boot: boolean }[];
}
export interface Address {
  network: string;
  version: 4 | 6;
  addr: string;
  mac: string;
  type: 'fixed' | 'floating';
  /** Addresses and ports of the host that lead to ports of the guest, by the names that the API has. */
  forwards?: readonly { address: string; port: number; guest_port: number }[];
}
/**
 * What a machine is in beside its power state: another size that is not confirmed yet, a rescue system or an ISO
 * image, or shelved (kept as an image, on no host).
 */
export type MachineMode = 'resized' | 'rescued' | 'shelved';
/** A host of the hypervisor; room is in MB and GB. */
export interface HostView {
  /** The same for each call, and for no other host of the region. */
  id: string;
  hostName: string;
  /** The kind of hypervisor, such as QEMU. */
  type: string;
  /** Disabled: no new machine is placed there. */
  status: 'enabled' | 'disabled';
  state: 'up' | 'down';
  vcpus: number;
  vcpusUsed: number;
  memoryMb: number;
  memoryMbUsed: number;
  localGb: number;
  localGbUsed: number;
  runningVms: number;
}
/** A machine at the hypervisor that bears no id of ours. */
export interface ForeignMachine {
  /** The hypervisor's own id. */
  backendId: string;
  name: string;
  powerState: PowerState;
  vcpus: number;
  memoryMb: number;
  rootGb: number;
  host?: string;
  addresses: readonly Address[];
}
export interface InstanceView {
  ref: Ref;
  powerState: PowerState;
  backendStatus: string;
  /** As the hypervisor has it; absent: it bears none that `rename` changes. */
  name?: string;
  /** The change that the hypervisor is carrying out; absent when there is none. */
  taskHint?: string;
  mode?: MachineMode;
  host?: string;
  addresses: readonly Address[];
  /** Absent: the driver knows no volumes. */
  volumes?: readonly AttachedVolume[];
  fault?: { code: string; message: string };
}
/** The calls beyond start and stop: a driver has those that its `capabilities.actions` names. */
export type ExtraAction =
  | 'resize'
  | 'rescue'
  | 'boot_from_iso'
  | 'rebuild'
  | 'snapshot'
  | 'change_password'
  | 'migrate'
  | 'live_migrate'
  | 'shelve'
  | 'console'
  | 'rename'
  | 'attach_volume'
  | 'attach_port'
  /** No call of its own: `counters` is there. */
  | 'counters'
  /** No call: the driver does not ask whose machine it is, so an instance may go to another client's project. */
  | 'move'
  | 'adopt';
/** What every driver can do. */
export const BASIC_ACTIONS = [
  'create',
  'delete',
  'start',
  'stop',
  'reboot',
  'pause',
  'unpause',
  'suspend',
  'resume',
  'console_log',
] as const;
export type DriverAction = (typeof BASIC_ACTIONS)[number] | ExtraAction;
/** Fields of a create that not every driver can honour; the portal refuses those that are not named. */
export const CREATE_FIELDS = ['ssh_keys', 'root_password', 'user_data'] as const;
export type CreateField = (typeof CREATE_FIELDS)[number];
export interface Capabilities {
  /** Actions that the driver can do. `resize` and `shelve` include their ways back. */
  actions: ReadonlySet<DriverAction>;
  createFields?: ReadonlySet<CreateField>;
  /** Whether this kind of cloud has the action at all, by its word in `allowed_actions` (contract compute §6.4). */
  offers: (word: string) => boolean;
}

export interface ComputeDriver {
  readonly kind: 'sim' | 'openstack' | 'qemu';
  readonly capabilities: Capabilities;
  health(): Promise<{ ok: boolean; detail?: string }>;
  /** Every host of the region; absent: the driver does not know them. Need not be in `capabilities.actions`. */
  hosts?(): Promise<HostView[]>;
  /** How many more machines of the flavor fit; null: not known. */
  capacity(flavor: FlavorSpec): Promise<number | null>;
  /** Returns once the build has begun. One machine per portalId, however often it is called. */
  create(spec: InstanceSpec): Promise<Ref>;
  /** Null: there is no such machine. */
  get(ref: Ref): Promise<InstanceView | null>;
  /** A page of all machines, by portal id; `after` is the last id of the page before. */
  list(page: { after: string | null; limit: number }): Promise<InstanceView[]>;
  /** Succeeds when there is no such machine. */
  destroy(ref: Ref): Promise<void>;
  /** This and the next six calls succeed when the machine is in the wanted state already. */
  start(ref: Ref): Promise<void>;
  /** Asks the guest to shut down, and switches it off when it has not after `graceSeconds`. */
  stop(ref: Ref, options: { graceSeconds: number }): Promise<void>;
  /**
   * SOFT asks the guest to reboot, and becomes HARD when it has not after `graceSeconds`.
   * @param options.key the same for each repetition; given, a driver that can reboots once
   */
  reboot(ref: Ref, options: { type: 'SOFT' | 'HARD'; graceSeconds: number; key?: string }): Promise<void>;
  pause(ref: Ref): Promise<void>;
  unpause(ref: Ref): Promise<void>;
  suspend(ref: Ref): Promise<void>;
  resume(ref: Ref): Promise<void>;
  /** The last lines of the serial console. */
  consoleLog(ref: Ref, lines: number): Promise<string>;

  // What follows is there when `capabilities.actions` names it. As above, each call succeeds when the machine is in
  // the wanted state already; a machine that is `get` has its `mode`.

  /** Gives the machine another size; it is `resized` then, until that is confirmed or reverted. */
  resize?(ref: Ref, flavor: FlavorSpec, options: { graceSeconds: number }): Promise<void>;
  confirmResize?(ref: Ref): Promise<void>;
  /** Gives back the former size. @param options.former that size; absent: it was another host only */
  revertResize?(ref: Ref, options: { graceSeconds: number; former?: FlavorSpec | null }): Promise<void>;
  /** Boots a rescue system with the machine's disk as the second one; with an ISO image, boots that. */
  rescue?(ref: Ref, options: { image: ImageSpec | null; iso: boolean; password: string | null }): Promise<void>;
  unrescue?(ref: Ref): Promise<void>;
  /** Makes the root disk anew from the image; addresses stay. @param options.key the same for each repetition */
  rebuild?(ref: Ref, options: { key: string; name: string; image: ImageSpec; guest: GuestSpec }): Promise<void>;
  /** Begins an image of the machine's root disk; once per imageId. */
  snapshot?(ref: Ref, options: { imageId: string; name: string }): Promise<void>;
  /** Null: there is no such image. */
  getSnapshot?(ref: Ref, image: { imageId: string; backendId: string | null }): Promise<SnapshotView | null>;
  /** Deletes an image that `snapshot` made or began; succeeds when there is none. */
  deleteSnapshot?(image: { imageId: string; backendId: string | null }): Promise<void>;
  setPassword?(ref: Ref, password: string): Promise<void>;
  /** Gives the machine another name, whatever goes on with it. The guest hears nothing of it. */
  rename?(ref: Ref, name: string): Promise<void>;
  /** Moves the machine to another host. @param options.host null: the hypervisor chooses */
  migrate?(ref: Ref, options: { live: boolean; host: string | null }): Promise<void>;
  abortMigration?(ref: Ref): Promise<void>;
  shelve?(ref: Ref): Promise<void>;
  unshelve?(ref: Ref): Promise<void>;
  /** Where a client shows the console, for a short time: of a cloud that shows it itself. */
  openConsole?(ref: Ref, type: 'vnc' | 'serial'): Promise<{ url: string; type: string; expiresAt: Date }>;
  /** The bytes of the console (RFB for vnc) of a machine that runs: the portal shows it. One of both is there. */
  connectConsole?(ref: Ref, type: 'vnc' | 'serial'): Promise<Duplex>;
  /** Gives the machine the volume, also while it runs. @returns the name of the device, as far as it is known */
  attachVolume?(ref: Ref, volume: StoredRef, options: { device: string | null }): Promise<string | null>;
  /** Ends when the guest has let it go; throws GUEST when it does not. Succeeds when it is not attached. */
  detachVolume?(ref: Ref, volume: StoredRef): Promise<void>;
  /** Gives the machine one more interface, also while it runs; once per `portId`. */
  attachPort?(ref: Ref, nic: NicSpec & { portId: string }): Promise<void>;
  detachPort?(ref: Ref, port: { portId: string; portBackendId: string | null; mac: string }): Promise<void>;
  /** Of each interface; of a machine that does not run: what is known. */
  counters?(ref: Ref): Promise<Counters[]>;
  /** Of many machines at once, by portal id; absent: they are asked one by one. Need not know all of them. */
  countersOf?(refs: readonly Ref[]): Promise<Map<string, Counters[]>>;
  /** A page of the machines that bear no id of ours, by `backendId`; `after` is the last one of the page before. */
  listForeign?(page: { after: string | null; limit: number }): Promise<ForeignMachine[]>;
  /** Null: there is no such machine, or it bears an id of ours. */
  getForeign?(backendId: string): Promise<ForeignMachine | null>;
  /**
   * Gives a foreign machine our id: it is the machine of `portalId` from then on. Succeeds when it bears that id
   * already. Throws NOT_FOUND when there is no such machine or it bears another id of ours.
   */
  adopt?(ref: { portalId: string; backendId: string }): Promise<void>;
  /** Simulated machines only: makes a machine that bears no id of ours. @returns its `backendId` */
  createForeign?(spec: Omit<InstanceSpec, 'portalId'>): Promise<string>;
  /** Simulated machines only: the guest switches itself off. */
  powerOffFromInside?(ref: Ref): Promise<void>;

  /** Volumes of the region; absent: the driver has none. */
  readonly volumes?: VolumeDriver;
  /** The network of the region; absent: machines get networks and addresses by `NicSpec` only. */
  readonly networks?: NetworkDriver;

  /** A cloud with flavors, public images and shared networks of its own: all of them. */
  readCatalog?(): Promise<CloudCatalog>;
  /** Gives back connections; the driver is not used any more. */
  close?(): Promise<void>;
}

/** Parts of a driver that have calls of their own. */
const PARTS = ['volumes', 'networks'] as const;
export const isPart = (name: string | symbol): name is (typeof PARTS)[number] =>
  (PARTS as readonly (string | symbol)[]).includes(name);

export type DriverErrorCode =
  | 'NOT_FOUND'
  | 'INVALID_STATE'
  | 'INVALID_REQUEST'
  | 'QUOTA'
  | 'NO_CAPACITY'
  | 'AUTH'
  | 'FORBIDDEN'
  | 'UNSUPPORTED'
  | 'RATE_LIMITED'
  | 'UNAVAILABLE'
  | 'TIMEOUT'
  | 'CONFLICT'
  | 'GUEST'
  | 'INTERNAL';
const RETRYABLE = new Set<DriverErrorCode>(['INVALID_STATE', 'CONFLICT', 'RATE_LIMITED', 'UNAVAILABLE', 'TIMEOUT']);
/** An error of the hypervisor (contract compute §11.2). `retryable`: the same call may succeed later. */
export class DriverError extends Error {
  readonly code: DriverErrorCode;
  readonly retryable: boolean;
  /** The hypervisor asks not to be called before. */
  readonly retryAfterMs: number | undefined;
  constructor(
    code: DriverErrorCode,
    message: string,
    options?: { retryable?: boolean; retryAfterMs?: number; cause?: unknown },
  ) {
    super(message, options);
    this.name = 'DriverError';
    this.code = code;
    this.retryAfterMs = options?.retryAfterMs;
    this.retryable = options?.retryable ?? RETRYABLE.has(code);
  }
}
