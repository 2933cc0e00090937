/** The states of an instance (contract compute §7). */
export const VM_STATES = [
  'building',
  'active',
  'paused',
  'suspended',
  'stopped',
  'rescued',
  'resized',
  'soft-delete',
  'deleted',
  'error',
  'shelved',
  'shelved_offloaded',
] as const;
export type VmState = (typeof VM_STATES)[number];
/** The step that an instance is in while an action is carried out. The hyphens are the original's. */
export type TaskState =
  | 'scheduling'
  | 'networking'
  | 'spawning'
  | 'powering-off'
  | 'powering-on'
  | 'pausing'
  | 'unpausing'
  | 'suspending'
  | 'resuming'
  | 'deleting'
  | 'rebooting'
  | 'reboot_started'
  | 'rebooting_hard'
  | 'reboot_started_hard'
  | 'resize_prep'
  | 'resize_migrating'
  | 'resize_confirming'
  | 'resize_reverting'
  | 'rescuing'
  | 'unrescuing'
  | 'rebuilding'
  | 'rebuild_spawning'
  | 'image_snapshot_pending'
  | 'image_backup'
  | 'image_uploading'
  | 'updating_password'
  | 'migrating'
  | 'shelving'
  | 'shelving_offloading'
  | 'unshelving';
/** The hypervisor's states: NOSTATE, RUNNING, PAUSED, SHUTDOWN, CRASHED, SUSPENDED. */
export type PowerState = 0 | 1 | 3 | 4 | 6 | 7;
export const POWER = {
  none: 0,
  running: 1,
  paused: 3,
  shutdown: 4,
  crashed: 6,
  suspended: 7,
} as const satisfies Record<string, PowerState>;

/**
 * Whether the instance counts as running for metering. A paused guest keeps its memory; one in `error`, or with
 * another size that is not confirmed, counts while the hypervisor runs it.
 */
export const countsAsOn = (vmState: VmState, powerState: number): boolean =>
  vmState === 'active' ||
  vmState === 'paused' ||
  vmState === 'rescued' ||
  ((vmState === 'error' || vmState === 'resized') && (powerState === POWER.running || powerState === POWER.paused));
