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
export interface FlavorSpec {
  vcpus: number;
  memoryMb: number;
  rootGb: number;
  ephemeralGb: number;
  swapMb: number;
}
export interface NicSpec {
  networkId: string;
  networkName: string;
  cidr: string | null;
}
export interface InstanceSpec {
  portalId: string;
  name: string;
  tags: readonly string[];
  region: string;
  projectId: string;
  flavor: FlavorSpec;
  imageId: string | null;
  /** In the order of the interfaces. */
  nics: readonly NicSpec[];
}
export interface Address {
  network: string;
  version: 4 | 6;
  addr: string;
  mac: string;
  type: 'fixed' | 'floating';
}
export interface InstanceView {
  ref: Ref;
  powerState: PowerState;
  backendStatus: string;
  /** The change that the hypervisor is carrying out; absent when there is none. */
  taskHint?: string;
  host?: string;
  addresses: readonly Address[];
  fault?: { code: string; message: string };
}
export type DriverAction =
  'create' | 'delete' | 'start' | 'stop' | 'reboot' | 'pause' | 'unpause' | 'suspend' | 'resume' | 'console_log';
export interface Capabilities {
  /** Actions that the driver can do. */
  actions: ReadonlySet<DriverAction>;
  /** Whether this kind of cloud has the action at all, by its word in `allowed_actions` (contract compute §6.4). */
  offers: (word: string) => boolean;
}

export interface ComputeDriver {
  readonly kind: 'sim' | 'openstack' | 'qemu';
  readonly capabilities: Capabilities;
  health(): Promise<{ ok: boolean; detail?: string }>;
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
  /** SOFT asks the guest to reboot, and becomes HARD when it has not after `graceSeconds`. */
  reboot(ref: Ref, options: { type: 'SOFT' | 'HARD'; graceSeconds: number }): Promise<void>;
  pause(ref: Ref): Promise<void>;
  unpause(ref: Ref): Promise<void>;
  suspend(ref: Ref): Promise<void>;
  resume(ref: Ref): Promise<void>;
  /** The last lines of the serial console. */
  consoleLog(ref: Ref, lines: number): Promise<string>;
  /** Simulated machines only: the guest switches itself off. */
  powerOffFromInside?(ref: Ref): Promise<void>;
}

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
  constructor(code: DriverErrorCode, message: string, options?: { retryable?: boolean; cause?: unknown }) {
    super(message, options);
    this.name = 'DriverError';
    this.code = code;
    this.retryable = options?.retryable ?? RETRYABLE.has(code);
  }
}
