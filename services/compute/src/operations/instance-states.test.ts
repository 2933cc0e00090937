import { allowedActions } from './allowed-actions.js';
import { displayStatus, displayTask } from './display.js';
import { countsAsOn, stateOf, VM_STATES, type TaskState, type VmState } from './instance-states.js';
import { refusalOf, TRANSITIONS, type JobAction } from './transitions.js';

const now = (vmState: VmState, taskState: TaskState | null = null, launched = true) => ({
  vmState,
  taskState,
  launched,
});

describe('which action is possible in which state (contract §7.2)', () => {
  const POSSIBLE: Record<Exclude<JobAction, 'create' | 'abortMigrate'>, VmState[]> = {
    import: [],
    delete: VM_STATES.slice(),
    stop: ['active', 'error'],
    start: ['stopped'],
    rebootSoft: ['active'],
    rebootHard: ['active', 'stopped', 'paused', 'suspended', 'error'],
    pause: ['active'],
    unpause: ['paused'],
    suspend: ['active'],
    resume: ['suspended'],
    resize: ['active', 'stopped'],
    confirmResize: ['resized'],
    revertResize: ['resized'],
    migrate: ['active', 'stopped'],
    liveMigrate: ['active', 'paused'],
    rescue: ['active', 'stopped', 'error'],
    bootIso: ['active', 'stopped', 'error'],
    unrescue: ['rescued'],
    rebuild: ['active', 'stopped', 'error'],
    snapshot: ['active', 'stopped', 'paused', 'suspended'],
    backup: ['active', 'stopped', 'paused', 'suspended'],
    changePassword: ['active'],
    shelve: ['active', 'stopped', 'paused', 'suspended'],
    unshelve: ['shelved', 'shelved_offloaded'],
    move: ['active', 'stopped'],
    addPort: ['active', 'paused', 'stopped'],
    removePort: ['active', 'paused', 'stopped'],
    addIp: ['active', 'paused', 'stopped'],
    removeIp: ['active', 'paused', 'stopped'],
    addFloatingIp: ['active', 'paused', 'stopped', 'suspended', 'rescued', 'resized'],
    removeFloatingIp: ['active', 'paused', 'stopped', 'suspended', 'rescued', 'resized', 'error'],
    addGroup: ['active', 'paused', 'stopped', 'suspended', 'rescued', 'resized'],
    removeGroup: ['active', 'paused', 'stopped', 'suspended', 'rescued', 'resized'],
  };
  for (const [action, states] of Object.entries(POSSIBLE))
    it(`${action}: ${states.join(', ')}, and nowhere else`, () => {
      expect(VM_STATES.filter((state) => refusalOf(action as JobAction, now(state)) === undefined)).toEqual(
        VM_STATES.filter((state) => states.includes(state)),
      );
    });
  it('a running task refuses everything but delete, and a hard reboot out of the tasks it may break', () => {
    const tasks: TaskState[] = [
      'powering-off',
      'powering-on',
      'rebooting',
      'rebooting_hard',
      'pausing',
      'unpausing',
      'suspending',
      'resuming',
      'deleting',
    ];
    const breaking = tasks.filter((task) => refusalOf('rebootHard', now('active', task)) === undefined);
    expect(breaking).toEqual(['rebooting', 'rebooting_hard', 'pausing', 'unpausing', 'suspending', 'resuming']);
    for (const task of tasks) {
      expect(refusalOf('delete', now('active', task))).toBeUndefined();
      expect(refusalOf('stop', now('active', task))).toEqual({ code: 'busy', attribute: 'task_state', state: task });
    }
  });
  it('a migration is aborted in every state, and only while there is one', () => {
    for (const state of VM_STATES) {
      expect(refusalOf('abortMigrate', now(state, 'migrating'))).toBeUndefined();
      expect(refusalOf('abortMigrate', now(state))).toEqual({ code: 'idle', attribute: 'task_state', state: 'None' });
    }
    expect(refusalOf('abortMigrate', now('active', 'rescuing'))).toMatchObject({ code: 'busy', state: 'rescuing' });
  });
  it('the state is named before the task, the task before a launch that never was', () => {
    expect(refusalOf('stop', now('stopped', 'powering-on'))).toEqual({
      code: 'invalid_state',
      attribute: 'vm_state',
      state: 'stopped',
    });
    expect(refusalOf('stop', now('error', 'deleting', false))).toMatchObject({ code: 'busy' });
    expect(refusalOf('stop', now('error', null, false))).toEqual({ code: 'not_launched' });
    expect(refusalOf('delete', now('building', 'spawning', false))).toBeUndefined();
  });
  it('only what wakes a machine is forbidden while its client is suspended', () => {
    expect(
      Object.entries(TRANSITIONS)
        .filter(([, t]) => t.wakes)
        .map(([action]) => action),
    ).toEqual([
      'create',
      'start',
      'rebootSoft',
      'rebootHard',
      'unpause',
      'resume',
      'resize',
      'rescue',
      'bootIso',
      'unrescue',
      'rebuild',
      'unshelve',
    ]);
  });
});

describe('allowed_actions (contract §6.4)', () => {
  const TABLE: Partial<Record<VmState, string>> = {
    active:
      'reboot shutoff resize rescue rebuild console rename create_snapshot suspend add_port ' +
      'remove_port add_ip remove_ip migrate abort_migrate attach_volume move boot_from_iso lock unlock ' +
      'associate_ip dissociate_ip change_password',
    stopped:
      'reboot resize rescue rebuild rename create_snapshot add_port remove_port add_ip remove_ip ' +
      'migrate attach_volume move boot_from_iso lock unlock associate_ip dissociate_ip start',
    paused:
      'reboot console rename create_snapshot add_port remove_port add_ip remove_ip migrate ' +
      'attach_volume lock unlock associate_ip dissociate_ip resume',
    suspended: 'reboot rename create_snapshot lock unlock associate_ip dissociate_ip resume',
    rescued: 'console rename lock unlock associate_ip dissociate_ip unrescue',
    resized: 'console rename attach_volume lock unlock associate_ip dissociate_ip confirm_resize revert_resize',
    error: 'reboot shutoff rescue rebuild rename lock unlock dissociate_ip reset_state',
    shelved: 'rename attach_volume lock unlock unshelve',
    shelved_offloaded: 'rename attach_volume lock unlock unshelve',
    building: 'rename lock unlock',
    deleted: '',
  };
  for (const [state, words] of Object.entries(TABLE))
    it(`${state}, as the contract lists them`, () => {
      expect(allowedActions(state as VmState, null, { staff: true }).join(' ')).toBe(words);
    });
  it('while it migrates, that can be aborted', () => {
    expect(allowedActions('active', 'migrating', { staff: true })).toEqual([
      'console',
      'rename',
      'abort_migrate',
      'lock',
      'unlock',
    ]);
    expect(allowedActions('active', 'migrating', { staff: false })).not.toContain('abort_migrate');
  });
  it('while a task runs there are four', () => {
    expect(allowedActions('active', 'powering-off', { staff: true })).toEqual(['console', 'rename', 'lock', 'unlock']);
  });
  it("end users are not offered what is the staff's, nobody what the driver can not", () => {
    expect(allowedActions('active', null, { staff: false })).not.toEqual(expect.arrayContaining(['migrate']));
    expect(allowedActions('error', null, { staff: false })).not.toContain('reset_state');
    expect(allowedActions('suspended', null, { staff: true, can: (action) => action !== 'resume' })).not.toContain(
      'resume',
    );
  });
});

describe('display and metering', () => {
  it('words as the original shows them', () => {
    expect([displayStatus('active'), displayStatus('shelved_offloaded'), displayStatus('soft-delete')]).toEqual([
      'Running',
      'Shelved offloaded',
      'Deleted',
    ]);
    expect([displayTask(null), displayTask('powering-off'), displayTask('reboot_started_hard')]).toEqual([
      null,
      'Powering off',
      'Reboot started hard',
    ]);
  });
  it('a paused guest counts as running, a broken one only while its machine runs', () => {
    expect(VM_STATES.filter((state) => countsAsOn(state, 4))).toEqual(['active', 'paused', 'rescued']);
    expect([countsAsOn('error', 1), countsAsOn('error', 4), countsAsOn('building', 1)]).toEqual([true, false, false]);
    expect([countsAsOn('resized', 1), countsAsOn('resized', 4)]).toEqual([true, false]);
  });
  it('a machine that was not made by us has the state that its power says', () => {
    expect(([1, 3, 4, 6, 7, 0] as const).map(stateOf)).toEqual([
      'active',
      'paused',
      'stopped',
      'stopped',
      'suspended',
      'stopped',
    ]);
  });
});
