import type { TaskState, VmState } from './instance-states.js';

/** The 23 words that the original lists for a running instance, in its order. */
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
const without = (...removed: string[]): string[] => ACTIVE.filter((one) => !removed.includes(one));
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
const MIGRATING = only('console', 'rename', 'abort_migrate', 'lock', 'unlock');
const STAFF_ONLY = new Set(['migrate', 'abort_migrate', 'move', 'reset_state']);
/** The words of `allowed_actions` (contract compute §6.4). @param can whether the driver can do it */
export const allowedActions = (
  vmState: VmState,
  taskState: TaskState | null,
  { staff, can = () => true }: { staff: boolean; can?: (action: string) => boolean },
): string[] => {
  const known =
    vmState === 'building' || vmState === 'deleted' || taskState === null
      ? ALLOWED[vmState]
      : taskState === 'migrating'
        ? MIGRATING
        : BUSY;
  return known.filter((one) => (staff || !STAFF_ONLY.has(one)) && can(one));
};
