import { POWER, type PowerState, type TaskState, type VmState } from './instance-states.js';

/** Actions that a job carries out. */
export type JobAction =
  | 'create'
  | 'import'
  | 'delete'
  | 'stop'
  | 'start'
  | 'rebootSoft'
  | 'rebootHard'
  | 'pause'
  | 'unpause'
  | 'suspend'
  | 'resume'
  | 'resize'
  | 'confirmResize'
  | 'revertResize'
  | 'migrate'
  | 'liveMigrate'
  | 'abortMigrate'
  | 'rescue'
  | 'bootIso'
  | 'unrescue'
  | 'rebuild'
  | 'snapshot'
  | 'backup'
  | 'changePassword'
  | 'shelve'
  | 'unshelve'
  | 'move'
  | InterfaceAction;
/** Changes of a machine's network: they take no task, and go on beside other actions. */
export const INTERFACE_ACTIONS = [
  'addPort',
  'removePort',
  'addIp',
  'removeIp',
  'addFloatingIp',
  'removeFloatingIp',
  'addGroup',
  'removeGroup',
] as const;
export type InterfaceAction = (typeof INTERFACE_ACTIONS)[number];
export const isInterfaceAction = (action: JobAction): action is InterfaceAction =>
  (INTERFACE_ACTIONS as readonly JobAction[]).includes(action);
export interface Transition {
  /** Word inside `Cannot '...' instance` (contract compute §6.7). */
  word: string;
  /** States in which it is accepted; null: in every one. */
  from: readonly VmState[] | null;
  /** Tasks during which it is accepted; null: during every one. */
  tasks: readonly (TaskState | null)[] | null;
  /** Task once it is accepted. */
  begins: TaskState;
  /** Task once the driver was called; absent: the same as `begins`. */
  continues?: TaskState;
  /** Only for an instance that has run before. */
  launched: boolean;
  /** The instance runs after it. Refused while its client or service is suspended. */
  wakes: boolean;
  /** Power states in which it has succeeded; none: the machine is gone; null: any, once the machine is at rest. */
  reaches: readonly PowerState[] | null;
  /** The machine's mode once it has succeeded; null: it is in none; absent: not looked at. */
  mode?: 'resized' | 'rescued' | 'shelved' | null;
  /**
   * State and power state after a success. `previous`: the state before the action; `by_power`: active when the
   * machine runs, else stopped; `seen`: what the driver says.
   */
  success: { vmState: VmState | 'previous' | 'by_power'; powerState: PowerState | 'seen' };
  /**
   * State after a failure. `previous`: the state before the action; `unchanged`: the same when the machine is as it
   * was, else `error`.
   */
  failure: VmState | 'previous' | 'unchanged';
  deadlineSeconds: number;
}

const IDLE = [null] as const;
/**
 * What most transitions have in common: they need an idle instance that has run before, and a failure changes
 * nothing.
 */
const COMMON = { tasks: IDLE, launched: true, failure: 'previous', deadlineSeconds: 600 } as const;
/** Transitions that end with a running guest. */
const WAKES = {
  ...COMMON,
  wakes: true,
  reaches: [POWER.running],
  success: { vmState: 'active', powerState: POWER.running },
} as const;
/** Transitions that end with a guest at rest. */
const RESTS = { ...COMMON, wakes: false } as const;
/** Transitions that leave the state as it was. */
const STAYS = { ...RESTS, reaches: null, success: { vmState: 'previous', powerState: 'seen' } } as const;
const SNAPSHOT_SECONDS = 7200;
/** Another size, another host, another client. A cold migration has to be confirmed like a resize. */
const resizes = {
  resize: {
    ...RESTS,
    word: 'resize',
    from: ['active', 'stopped'],
    begins: 'resize_prep',
    continues: 'resize_migrating',
    wakes: true,
    reaches: [POWER.running, POWER.shutdown],
    mode: 'resized',
    success: { vmState: 'resized', powerState: 'seen' },
    failure: 'unchanged',
    deadlineSeconds: 3600,
  },
  confirmResize: {
    ...RESTS,
    word: 'confirmResize',
    from: ['resized'],
    begins: 'resize_confirming',
    reaches: null,
    mode: null,
    success: { vmState: 'by_power', powerState: 'seen' },
    failure: 'error',
  },
  revertResize: {
    ...RESTS,
    word: 'revertResize',
    from: ['resized'],
    begins: 'resize_reverting',
    reaches: null,
    mode: null,
    success: { vmState: 'by_power', powerState: 'seen' },
    failure: 'error',
    deadlineSeconds: 3600,
  },
  migrate: {
    ...RESTS,
    word: 'migrate',
    from: ['active', 'stopped'],
    begins: 'resize_prep',
    continues: 'resize_migrating',
    reaches: [POWER.running, POWER.shutdown],
    mode: 'resized',
    success: { vmState: 'resized', powerState: 'seen' },
    failure: 'unchanged',
    deadlineSeconds: 3600,
  },
  liveMigrate: {
    ...STAYS,
    word: 'os-migrateLive',
    from: ['active', 'paused'],
    begins: 'migrating',
    deadlineSeconds: 3600,
  },
  abortMigrate: { ...STAYS, word: 'abort live migration', from: null, tasks: ['migrating'], begins: 'migrating' },
  // Carried out in the request: no machine changes.
  move: { ...STAYS, word: 'move', from: ['active', 'stopped'], begins: 'scheduling' },
} as const satisfies Partial<Record<JobAction, Transition>>;
/** Another system is booted, for a while or for good. */
const RESCUES = {
  ...WAKES,
  word: 'rescue',
  from: ['active', 'stopped', 'error'],
  begins: 'rescuing',
  mode: 'rescued',
  success: { vmState: 'rescued', powerState: POWER.running },
  failure: 'error',
} as const;
const rescues = {
  rescue: RESCUES,
  bootIso: RESCUES,
  unrescue: { ...WAKES, word: 'unrescue', from: ['rescued'], begins: 'unrescuing', mode: null, failure: 'error' },
  rebuild: {
    ...RESTS,
    word: 'rebuild',
    from: ['active', 'stopped', 'error'],
    begins: 'rebuilding',
    continues: 'rebuild_spawning',
    wakes: true,
    reaches: [POWER.running, POWER.shutdown],
    mode: null,
    success: { vmState: 'by_power', powerState: 'seen' },
    failure: 'error',
    deadlineSeconds: 3600,
  },
} as const satisfies Partial<Record<JobAction, Transition>>;
/** An image is made of the machine. */
const IMAGING = {
  ...STAYS,
  from: ['active', 'stopped', 'paused', 'suspended'],
  deadlineSeconds: SNAPSHOT_SECONDS,
} as const;
const imaging = {
  snapshot: { ...IMAGING, word: 'createImage', begins: 'image_snapshot_pending', continues: 'image_uploading' },
  backup: { ...IMAGING, word: 'createBackup', begins: 'image_backup', continues: 'image_uploading' },
  shelve: {
    ...IMAGING,
    word: 'shelve',
    begins: 'shelving',
    continues: 'shelving_offloading',
    mode: 'shelved',
    success: { vmState: 'shelved_offloaded', powerState: POWER.shutdown },
    failure: 'error',
  },
  unshelve: {
    ...WAKES,
    word: 'unshelve',
    from: ['shelved', 'shelved_offloaded'],
    begins: 'unshelving',
    continues: 'spawning',
    mode: null,
    deadlineSeconds: SNAPSHOT_SECONDS,
  },
} as const satisfies Partial<Record<JobAction, Transition>>;
/** The task is never set; see `isInterfaceAction`. */
const INTERFACE = { ...STAYS, from: ['active', 'paused', 'stopped'], begins: 'networking' } as const;
const REACHABLE = [...INTERFACE.from, 'suspended', 'rescued', 'resized'] as const;
const interfaces = {
  addPort: { ...INTERFACE, word: 'attach_interface' },
  removePort: { ...INTERFACE, word: 'detach_interface' },
  addIp: { ...INTERFACE, word: 'attach_interface' },
  removeIp: { ...INTERFACE, word: 'detach_interface' },
  addFloatingIp: { ...INTERFACE, word: 'addFloatingIp', from: REACHABLE },
  removeFloatingIp: { ...INTERFACE, word: 'removeFloatingIp', from: [...REACHABLE, 'error'] },
  addGroup: { ...INTERFACE, word: 'addSecurityGroup', from: REACHABLE },
  removeGroup: { ...INTERFACE, word: 'removeSecurityGroup', from: REACHABLE },
} as const satisfies Record<InterfaceAction, Transition>;
/** Contract compute §7.2, deadlines §10. Suspended guests are off at the hypervisor, as in Nova: power state 4. */
export const TRANSITIONS: Readonly<Record<JobAction, Transition>> = {
  create: {
    ...WAKES,
    word: 'create',
    from: [],
    begins: 'scheduling',
    continues: 'spawning',
    launched: false,
    failure: 'error',
  },
  // The machine is there and stays as it is: the instance takes its state (`stateOf`).
  import: {
    ...RESTS,
    word: 'import',
    from: [],
    begins: 'scheduling',
    continues: 'spawning',
    launched: false,
    reaches: [POWER.running, POWER.paused, POWER.shutdown, POWER.crashed, POWER.suspended],
    success: { vmState: 'active', powerState: POWER.running },
    failure: 'error',
  },
  delete: {
    ...RESTS,
    word: 'delete',
    from: null,
    tasks: null,
    begins: 'deleting',
    launched: false,
    reaches: [],
    success: { vmState: 'deleted', powerState: POWER.none },
  },
  stop: {
    ...RESTS,
    word: 'stop',
    from: ['active', 'error'],
    begins: 'powering-off',
    reaches: [POWER.shutdown],
    success: { vmState: 'stopped', powerState: POWER.shutdown },
    deadlineSeconds: 180,
  },
  start: { ...WAKES, word: 'start', from: ['stopped'], begins: 'powering-on' },
  rebootSoft: { ...WAKES, word: 'reboot', from: ['active'], begins: 'rebooting', continues: 'reboot_started' },
  rebootHard: {
    ...WAKES,
    word: 'reboot',
    from: ['active', 'stopped', 'paused', 'suspended', 'error'],
    tasks: [null, 'rebooting', 'reboot_started', 'rebooting_hard', 'resuming', 'pausing', 'unpausing', 'suspending'],
    begins: 'rebooting_hard',
    continues: 'reboot_started_hard',
    failure: 'error',
  },
  pause: {
    ...RESTS,
    word: 'pause',
    from: ['active'],
    begins: 'pausing',
    reaches: [POWER.paused],
    success: { vmState: 'paused', powerState: POWER.paused },
  },
  unpause: { ...WAKES, word: 'unpause', from: ['paused'], begins: 'unpausing' },
  suspend: {
    ...RESTS,
    word: 'suspend',
    from: ['active'],
    begins: 'suspending',
    reaches: [POWER.suspended, POWER.shutdown],
    success: { vmState: 'suspended', powerState: POWER.shutdown },
  },
  resume: { ...WAKES, word: 'resume', from: ['suspended'], begins: 'resuming', failure: 'error' },
  ...resizes,
  ...rescues,
  ...imaging,
  ...interfaces,
  changePassword: { ...STAYS, word: 'changePassword', from: ['active'], begins: 'updating_password' },
};

export interface CurrentState {
  vmState: VmState;
  taskState: TaskState | null;
  launched: boolean;
}
/**
 * Why a transition is not possible: the instance's state, its running task or that there is none, or that it has never
 * run.
 */
export type TransitionRefusal = {
  code: 'invalid_state' | 'busy' | 'idle' | 'not_launched';
  attribute?: 'vm_state' | 'task_state';
  state?: string;
};
/** Why a transition is not possible, in Nova's order: state, task, never launched; undefined when it is possible. */
export const refusalOf = (
  action: JobAction,
  { vmState, taskState, launched }: CurrentState,
): TransitionRefusal | undefined => {
  const transition = TRANSITIONS[action];
  if (transition.from && !transition.from.includes(vmState))
    return { code: 'invalid_state', attribute: 'vm_state', state: vmState };
  if (transition.tasks && !transition.tasks.includes(taskState))
    return taskState === null
      ? { code: 'idle', attribute: 'task_state', state: 'None' }
      : { code: 'busy', attribute: 'task_state', state: taskState };
  return transition.launched && !launched ? { code: 'not_launched' } : undefined;
};
