import type { Db, Log } from '@nefos/service-kit';
import type { JsonObject } from '../../values.js';
import type { BmcSettings } from './settings.js';

/** What a machine can be brought to over its node (contract §9.1). */
export const POWER_TARGETS = ['power on', 'power off', 'rebooting', 'soft power off', 'soft rebooting'] as const;
export type PowerTarget = (typeof POWER_TARGETS)[number];
export type PowerState = 'power on' | 'power off';
/**
 * What is sent to a BMC: wanted states only, never "restart", so that what is sent twice does no more than once. Any
 * reboot is `off`, seen off, `on`.
 */
export type PowerCommand = 'on' | 'off' | 'soft off';
export const BOOT_DEVICES = ['pxe', 'disk', 'cdrom', 'bios', 'uefihttp'] as const;
export type BootDevice = (typeof BOOT_DEVICES)[number];
export interface BootChoice {
  /** null: the BMC names none, or one that we do not know. */
  boot_device: BootDevice | null;
  persistent: boolean | null;
}
export const BOOT_MODES = ['uefi', 'bios'] as const;
export type BootMode = (typeof BOOT_MODES)[number];

/** A node whose BMC is spoken to: its secrets are open, so it is neither stored nor logged nor answered. */
export interface BmcTarget {
  uuid: string;
  driver: string;
  /** `driver_info` with its secrets. */
  info: JsonObject;
  /** The mode that the machine is to boot in, where the operator has said (`boot_mode` of the node's capabilities). */
  bootMode?: BootMode;
}
export interface Check {
  result: boolean;
  /** Why not; a sentence for the operator, never a secret. */
  reason: string | null;
}
/** Contract §9.1 and §11.2, `…/validate`. */
export type Validation = Record<'power' | 'management' | 'boot' | 'inspect', Check>;
/** The same for all interfaces. @param reason why not; null: all is well */
export const validation = (reason: string | null): Validation => {
  const check = { result: reason === null, reason };
  return { power: check, management: check, boot: check, inspect: check };
};
/** What the options of a BMC mean for all interfaces. @param options or why they can not be read */
export const validationOf = (options: object | string): Validation =>
  validation(typeof options === 'string' ? options : null);

/**
 * Why a command to a BMC failed. `unreachable` and `busy` may go away by themselves: the command is sent again;
 * the others stay until somebody changes something.
 */
export type BmcFailure =
  'unreachable' | 'busy' | 'credentials' | 'refused' | 'unsupported' | 'address' | 'configuration';
/** Its message goes to the operator, as the reason of a failed run: a sentence without secrets, ≤ 500 characters. */
export class BmcError extends Error {
  readonly failure: BmcFailure;
  /** When the BMC said that it may be asked again. */
  readonly retryAfterMs: number | undefined;
  constructor(failure: BmcFailure, message: string, retryAfterMs?: number) {
    super(message.length > 500 ? `${message.slice(0, 499)}…` : message);
    this.name = 'BmcError';
    this.failure = failure;
    this.retryAfterMs = retryAfterMs;
  }
  /** Whether the same command may succeed a little later. */
  get passes(): boolean {
    return this.failure === 'unreachable' || this.failure === 'busy';
  }
}

/** What drivers work with. */
export interface BmcSite {
  db: Db;
  log: Log;
  bmc: BmcSettings;
}
/** One BMC, spoken to by one caller; every call has a time limit of its own. Calls throw BmcError. */
export interface Bmc {
  /** null: the BMC does not know, for instance while it changes. */
  powerState(): Promise<PowerState | null>;
  /** Resolves when the BMC has accepted, not when the machine has changed: the caller looks. */
  order(command: PowerCommand): Promise<void>;
  bootDevice(): Promise<BootChoice>;
  /** A command that must come before `setBootDevice`, some time apart. */
  beforeBootDevice?(): Promise<void>;
  setBootDevice(device: BootDevice, persistent: boolean): Promise<void>;
  supportedBootDevices(): Promise<BootDevice[]>;
  bootMode(): Promise<BootMode | null>;
  setBootMode(mode: BootMode): Promise<void>;
  insertMedia?(url: string): Promise<void>;
  ejectMedia?(): Promise<void>;
  /** Out-of-band data in the shape that a ramdisk posts (contract §5): at least `{ inventory }`. */
  inventory?(): Promise<JsonObject>;
  /** Ends the session; never throws. */
  close(): Promise<void>;
}
export interface BmcDriver {
  readonly name: string;
  /** Whether machines are switched at all; without it only `manage_boot=false` works. */
  readonly managesPower: boolean;
  /** Whether data can be read without booting the machine (`inspect_interface=redfish`). */
  readonly inspectsOutOfBand: boolean;
  /** Looks at driver_info alone, and speaks to nobody. */
  validate(target: BmcTarget, settings: BmcSettings): Validation;
  /** By which commands to one BMC wait for each other: the host part of its address, or the node. */
  turnKey(target: BmcTarget): string;
  /** Least time between the last command to a BMC and the next, of whichever process. */
  pauseMs(settings: BmcSettings): number;
  /** Speaks to nobody yet. @param signal ends what is going on */
  connect(site: BmcSite, target: BmcTarget, signal: AbortSignal): Bmc;
}
