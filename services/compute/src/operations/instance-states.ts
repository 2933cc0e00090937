/** The state machine of instances as tables (contract compute §6.4, §7); nothing here reads or writes. */
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
/** A transition that runs; null when idle. The hyphens are the original's. */
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
  | 'reboot_started_hard';
/** What the hypervisor reports: NOSTATE, RUNNING, PAUSED, SHUTDOWN, CRASHED, SUSPENDED. */
export type PowerState = 0 | 1 | 3 | 4 | 6 | 7;
export const POWER = {
  none: 0,
  running: 1,
  paused: 3,
  shutdown: 4,
  crashed: 6,
  suspended: 7,
} as const satisfies Record<string, PowerState>;

/** Actions that a job carries out. */
export type JobAction =
  'create' | 'delete' | 'stop' | 'start' | 'rebootSoft' | 'rebootHard' | 'pause' | 'unpause' | 'suspend' | 'resume';
export interface Transition {
  /** Word inside `Cannot '...' instance` (contract §6.7). */
  word: string;
  /** null: from every state. */
  from: readonly VmState[] | null;
  /** Tasks in which it is accepted; null: in every one. */
  tasks: readonly (TaskState | null)[] | null;
  /** Task on acceptance. */
  begins: TaskState;
  /** Task once the driver was called; absent: stays as it began. */
  continues?: TaskState;
  /** Needs an instance that has run before. */
  launched: boolean;
  /** Makes an instance run that did not: refused while its client is suspended. */
  wakes: boolean;
  /** Power states in which it has succeeded; none: the machine is gone. */
  reaches: readonly PowerState[];
  success: { vmState: VmState; powerState: PowerState };
  /** Where it goes when it fails; `previous`: back to where it came from. */
  failure: VmState | 'previous';
  deadlineSeconds: number;
}

const RUNNING = { vmState: 'active', powerState: POWER.running } as const;
const IDLE = [null] as const;
/** Contract compute §7.2, deadlines §10. Suspended guests are switched off at the hypervisor, as Nova does: power state 4. */
export const TRANSITIONS: Readonly<Record<JobAction, Transition>> = {
  create: {
    word: 'create',
    from: [],
    tasks: IDLE,
    begins: 'scheduling',
    continues: 'spawning',
    launched: false,
    wakes: true,
    reaches: [POWER.running],
    success: RUNNING,
    failure: 'error',
    deadlineSeconds: 600,
  },
  delete: {
    word: 'delete',
    from: null,
    tasks: null,
    begins: 'deleting',
    launched: false,
    wakes: false,
    reaches: [],
    success: { vmState: 'deleted', powerState: POWER.none },
    failure: 'previous',
    deadlineSeconds: 600,
  },
  stop: {
    word: 'stop',
    from: ['active', 'error'],
    tasks: IDLE,
    begins: 'powering-off',
    launched: true,
    wakes: false,
    reaches: [POWER.shutdown],
    success: { vmState: 'stopped', powerState: POWER.shutdown },
    failure: 'previous',
    deadlineSeconds: 180,
  },
  start: {
    word: 'start',
    from: ['stopped'],
    tasks: IDLE,
    begins: 'powering-on',
    launched: true,
    wakes: true,
    reaches: [POWER.running],
    success: RUNNING,
    failure: 'previous',
    deadlineSeconds: 600,
  },
  rebootSoft: {
    word: 'reboot',
    from: ['active'],
    tasks: IDLE,
    begins: 'rebooting',
    continues: 'reboot_started',
    launched: true,
    wakes: true,
    reaches: [POWER.running],
    success: RUNNING,
    failure: 'previous',
    deadlineSeconds: 600,
  },
  rebootHard: {
    word: 'reboot',
    from: ['active', 'stopped', 'paused', 'suspended', 'error'],
    tasks: [null, 'rebooting', 'reboot_started', 'rebooting_hard', 'resuming', 'pausing', 'unpausing', 'suspending'],
    begins: 'rebooting_hard',
    continues: 'reboot_started_hard',
    launched: true,
    wakes: true,
    reaches: [POWER.running],
    success: RUNNING,
    failure: 'error',
    deadlineSeconds: 600,
  },
  pause: {
    word: 'pause',
    from: ['active'],
    tasks: IDLE,
    begins: 'pausing',
    launched: true,
    wakes: false,
    reaches: [POWER.paused],
    success: { vmState: 'paused', powerState: POWER.paused },
    failure: 'previous',
    deadlineSeconds: 600,
  },
  unpause: {
    word: 'unpause',
    from: ['paused'],
    tasks: IDLE,
    begins: 'unpausing',
    launched: true,
    wakes: true,
    reaches: [POWER.running],
    success: RUNNING,
    failure: 'previous',
    deadlineSeconds: 600,
  },
  suspend: {
    word: 'suspend',
    from: ['active'],
    tasks: IDLE,
    begins: 'suspending',
    launched: true,
    wakes: false,
    reaches: [POWER.suspended, POWER.shutdown],
    success: { vmState: 'suspended', powerState: POWER.shutdown },
    failure: 'previous',
    deadlineSeconds: 600,
  },
  resume: {
    word: 'resume',
    from: ['suspended'],
    tasks: IDLE,
    begins: 'resuming',
    launched: true,
    wakes: true,
    reaches: [POWER.running],
    success: RUNNING,
    failure: 'error',
    deadlineSeconds: 600,
  },
};

export interface StateNow {
  vmState: VmState;
  taskState: TaskState | null;
  launched: boolean;
}
export type Refusal = {
  code: 'invalid_state' | 'busy' | 'not_launched';
  attribute?: 'vm_state' | 'task_state';
  state?: string;
};
/** Why a transition is not possible now, in Nova's order: state, task, never launched; undefined when it is. */
export const refusalOf = (action: JobAction, now: StateNow): Refusal | undefined => {
  const { from, tasks, launched } = TRANSITIONS[action];
  if (from && !from.includes(now.vmState)) return { code: 'invalid_state', attribute: 'vm_state', state: now.vmState };
  if (tasks && !tasks.includes(now.taskState))
    return { code: 'busy', attribute: 'task_state', state: String(now.taskState) };
  return launched && !now.launched ? { code: 'not_launched' } : undefined;
};

/** The 23 of the seed, in its order. */
const ACTIVE = [
  'reboot',
  'shutoff',
  'resize',
  'rescue',
  'rebuild',
  'console',
  'rename',
  'create_snapshot',
  'suspend',
  'add_port',
  'remove_port',
  'add_ip',
  'remove_ip',
  'migrate',
  'abort_migrate',
  'attach_volume',
  'move',
  'boot_from_iso',
  'lock',
  'unlock',
  'associate_ip',
  'dissociate_ip',
  'change_password',
];
const without = (...gone: string[]): string[] => ACTIVE.filter((one) => !gone.includes(one));
const only = (...kept: string[]): string[] => ACTIVE.filter((one) => kept.includes(one));
const ALLOWED: Readonly<Record<VmState, readonly string[]>> = {
  active: ACTIVE,
  stopped: [...without('shutoff', 'console', 'suspend', 'abort_migrate', 'change_password'), 'start'],
  paused: [
    ...without(
      'shutoff',
      'resize',
      'rescue',
      'rebuild',
      'suspend',
      'abort_migrate',
      'move',
      'boot_from_iso',
      'change_password',
    ),
    'resume',
  ],
  suspended: [
    ...only('reboot', 'rename', 'create_snapshot', 'lock', 'unlock', 'associate_ip', 'dissociate_ip'),
    'resume',
  ],
  rescued: [...only('console', 'rename', 'lock', 'unlock', 'associate_ip', 'dissociate_ip'), 'unrescue'],
  resized: [
    ...only('console', 'rename', 'attach_volume', 'lock', 'unlock', 'associate_ip', 'dissociate_ip'),
    'confirm_resize',
    'revert_resize',
  ],
  error: [
    ...only('reboot', 'shutoff', 'rescue', 'rebuild', 'rename', 'lock', 'unlock', 'dissociate_ip'),
    'reset_state',
  ],
  shelved: [...only('rename', 'attach_volume', 'lock', 'unlock'), 'unshelve'],
  shelved_offloaded: [...only('rename', 'attach_volume', 'lock', 'unlock'), 'unshelve'],
  building: only('rename', 'lock', 'unlock'),
  'soft-delete': [],
  deleted: [],
};
const BUSY = only('console', 'rename', 'lock', 'unlock');
const STAFF_ONLY = new Set(['migrate', 'abort_migrate', 'move', 'reset_state']);
/** Contract §6.4. @param can whether the driver is able to do it */
export const allowedActions = (
  vmState: VmState,
  taskState: TaskState | null,
  { staff, can = () => true }: { staff: boolean; can?: (action: string) => boolean },
): string[] => {
  const known = vmState === 'building' || vmState === 'deleted' || taskState === null ? ALLOWED[vmState] : BUSY;
  return known.filter((one) => (staff || !STAFF_ONLY.has(one)) && can(one));
};

const DISPLAY: Readonly<Record<VmState, string>> = {
  building: 'Building',
  active: 'Running',
  stopped: 'Stopped',
  paused: 'Paused',
  suspended: 'Suspended',
  rescued: 'Rescued',
  resized: 'Resized',
  error: 'Error',
  shelved: 'Shelved',
  shelved_offloaded: 'Shelved offloaded',
  'soft-delete': 'Deleted',
  deleted: 'Deleted',
};
export const displayStatus = (vmState: VmState): string => DISPLAY[vmState];
/** `powering-off` is shown as `Powering off`. */
export const displayTask = (taskState: TaskState | null): string | null =>
  taskState === null ? null : (taskState.charAt(0).toUpperCase() + taskState.slice(1)).replace(/[-_]/g, ' ');

/** Whether it counts as running for metering: a paused guest keeps its memory, a broken one counts while the hypervisor runs it. */
export const countsAsOn = (vmState: VmState, powerState: number): boolean =>
  vmState === 'active' ||
  vmState === 'paused' ||
  vmState === 'rescued' ||
  (vmState === 'error' && (powerState === POWER.running || powerState === POWER.paused));
