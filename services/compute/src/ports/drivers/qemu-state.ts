import type { FlavorSpec, MachineMode } from '../driver.js';
import { DriverError } from '../driver.js';
import type { ImageFile } from './qemu-images.js';

/** A network interface of a machine. */
export interface Nic {
  /** Names it within QEMU. */
  id: string;
  networkId: string;
  networkName: string;
  mac: string;
  address: string | null;
  /** The network as the guest sees it; null: QEMU's own. */
  cidr: string | null;
  gatewayIp: string | null;
  portId: string | null;
  bridge: string | null;
  /** Ports of the host that lead to ports of the guest. */
  forwards: readonly { address: string; port: number; guestPort: number }[];
  /** The slot in which it was plugged in later; null: it is there from the boot. */
  slot: number | null;
}
export interface Disk {
  volumeId: string;
  slot: number;
  device: string | null;
}
/** Sizes as far as the driver goes by them. */
export type Size = Pick<FlavorSpec, 'vcpus' | 'memoryMb' | 'rootGb'>;
export interface Rescue {
  image: ImageFile;
  iso: boolean;
}
/**
 * A change that goes on after the call that began it. `deadline`: in ms since 1970; the guest has its time until then.
 * `ran`: the machine ran before, and runs again afterwards.
 */
export type Task =
  | { kind: 'create' }
  | { kind: 'start' }
  | { kind: 'stop'; deadline: number; askedAt?: number }
  | { kind: 'reboot'; deadline: number; askedAt?: number }
  | { kind: 'suspend'; begun?: boolean }
  | { kind: 'resume'; begun?: boolean }
  | { kind: 'resize'; deadline: number; askedAt?: number; ran: boolean; size: Size }
  | { kind: 'revert'; deadline: number; askedAt?: number; ran: boolean }
  | { kind: 'rescue'; rescue: Rescue }
  | { kind: 'unrescue' }
  | { kind: 'rebuild'; key: string; image: ImageFile; ran: boolean; withPassword: boolean };
/** vm.json: all that the driver knows of a machine. */
export interface Vm {
  version: 1;
  portalId: string;
  name: string;
  size: Size;
  /** What the root disk was made of, and rescue systems are; null: a volume that was made of none. */
  image: ImageFile | null;
  /** The volume that is the root disk; null: the machine has one of its own. */
  rootVolume: string | null;
  nics: Nic[];
  disks: Disk[];
  /** The size before a resize that is not confirmed. */
  former: Size | null;
  rescue: Rescue | null;
  /** state.bin has the machine's memory. */
  suspended: boolean;
  /** QEMU's name of the machine that was suspended, with its version: the same again. Absent: its newest. */
  machineType?: string;
  /** How the processor is emulated: the same again when memory is loaded. */
  cpu: string | null;
  /** The last rebuild. */
  rebuilt: string | null;
  task: Task | null;
  /** Set by a build or a change that can not go on. */
  fault: { code: string; message: string } | null;
}
export const TASK_HINTS: Readonly<Record<Task['kind'], string>> = {
  create: 'building',
  start: 'powering-on',
  stop: 'powering-off',
  reboot: 'rebooting',
  suspend: 'suspending',
  resume: 'resuming',
  resize: 'resizing',
  revert: 'resize_reverting',
  rescue: 'rescuing',
  unrescue: 'unrescuing',
  rebuild: 'rebuilding',
};
export const modeOf = ({ rescue, former }: Vm): MachineMode | undefined =>
  rescue ? 'rescued' : former ? 'resized' : undefined;
/** @throws DriverError INTERNAL: written by something else */
export const parseVm = (text: string): Vm => {
  try {
    const vm = JSON.parse(text) as Omit<Vm, 'rootVolume'> & Partial<Pick<Vm, 'rootVolume'>>;
    // A record from before there were volumes to start from has none.
    if (vm.version === 1) return { ...vm, rootVolume: vm.rootVolume ?? null };
  } catch {
    // said below
  }
  throw new DriverError('INTERNAL', 'The record of the machine can not be read.');
};
export const missing = (): DriverError => new DriverError('NOT_FOUND', 'There is no such machine.');
export const invalidState = (message: string): DriverError => new DriverError('INVALID_STATE', message);
/** What is plugged into a machine fits its memory: nothing comes or goes until that is loaded. */
export const demandAwake = ({ suspended }: Pick<Vm, 'suspended'>): void => {
  if (suspended) throw invalidState('The machine is suspended.');
};
