/**
 * What drives the hypervisors of a region (contract compute §11). The portal owns identity, quota, billing and state; the driver owns
 * the machines. Every call may be made again after a crash at any point, none blocks longer than 30 s: long work is watched with `get`.
 */
export interface Ref {
  /** Our instance's id. */ portalId: string;
  /** The hypervisor's own; null while it is not known. */ backendId: string | null;
}
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
  /** In the order of the interfaces. */ nics: readonly NicSpec[];
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
  /** NOSTATE, RUNNING, PAUSED, SHUTDOWN, CRASHED, SUSPENDED. */
  powerState: 0 | 1 | 3 | 4 | 6 | 7;
  backendStatus: string;
  /** What the hypervisor is still at; absent when it rests. */
  taskHint?: string;
  host?: string;
  addresses: readonly Address[];
  fault?: { code: string; message: string };
}
export type DriverAction =
  'create' | 'delete' | 'start' | 'stop' | 'reboot' | 'pause' | 'unpause' | 'suspend' | 'resume' | 'console_log';
export interface Capabilities {
  /** Actions that the portal may ask for now. */
  actions: ReadonlySet<DriverAction>;
  /** Words of `allowed_actions` that this kind of cloud knows at all (contract §6.4). */
  offers: (word: string) => boolean;
}

export interface ComputeDriver {
  readonly kind: 'sim' | 'openstack' | 'qemu';
  readonly capabilities: Capabilities;
  health(): Promise<{ ok: boolean; detail?: string }>;
  /** How many more machines of the flavor fit; null: unknown. */
  capacity(flavor: FlavorSpec): Promise<number | null>;
  /** Answers when the order is taken. One machine per portalId, however often it is called. */
  create(spec: InstanceSpec): Promise<Ref>;
  /** null: there is no such machine. */
  get(ref: Ref): Promise<InstanceView | null>;
  /** Every machine that the driver knows, by portal id; `after` is the last id of the page before. */
  list(page: { after: string | null; limit: number }): Promise<InstanceView[]>;
  /** A missing machine is success. */
  destroy(ref: Ref): Promise<void>;
  /** Each of these: already in the wanted state is success. */
  start(ref: Ref): Promise<void>;
  /** Asks the guest to shut down, and switches it off after the grace. */
  stop(ref: Ref, options: { graceSeconds: number }): Promise<void>;
  /** SOFT asks the guest, and becomes HARD after the grace. */
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
/** Contract compute §11.2. */
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
