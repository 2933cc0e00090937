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
  | 'resume';
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
  /** Power states in which it has succeeded; none: the machine is gone. */
  reaches: readonly PowerState[];
  success: { vmState: VmState; powerState: PowerState };
  /** State after a failure; `previous`: the state before the action. */
  failure: VmState | 'previous';
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
};

export interface CurrentState {
  vmState: VmState;
  taskState: TaskState | null;
  launched: boolean;
}
/** Why a transition is not possible: the instance's state, its running task, or that it has never run. */
export type TransitionRefusal = {
  code: 'invalid_state' | 'busy' | 'not_launched';
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
    return { code: 'busy', attribute: 'task_state', state: String(taskState) };
  return transition.launched && !launched ? { code: 'not_launched' } : undefined;
};
