import type { TaskState, VmState } from '../operations/instance-states.js';

type ByTask = { otherwise: string } & Partial<Record<TaskState, string>>;
/** While a server is resized or migrated it keeps its state. */
const RESIZES = {
  resize_prep: 'RESIZE',
  resize_migrating: 'RESIZE',
  rebuilding: 'REBUILD',
  rebuild_spawning: 'REBUILD',
} as const;
/** Nova's status of a server by its state and what is being done with it (contract compute §12.3). */
const STATUS: Readonly<Record<VmState, ByTask>> = {
  building: { otherwise: 'BUILD' },
  active: {
    otherwise: 'ACTIVE',
    rebooting: 'REBOOT',
    reboot_started: 'REBOOT',
    rebooting_hard: 'HARD_REBOOT',
    reboot_started_hard: 'HARD_REBOOT',
    updating_password: 'PASSWORD',
    migrating: 'MIGRATING',
    ...RESIZES,
  },
  stopped: { otherwise: 'SHUTOFF', ...RESIZES },
  paused: { otherwise: 'PAUSED', migrating: 'MIGRATING' },
  suspended: { otherwise: 'SUSPENDED' },
  rescued: { otherwise: 'RESCUE' },
  resized: { otherwise: 'VERIFY_RESIZE', resize_reverting: 'REVERT_RESIZE' },
  error: { otherwise: 'ERROR', rebuilding: 'REBUILD', rebuild_spawning: 'REBUILD' },
  'soft-delete': { otherwise: 'SOFT_DELETED' },
  deleted: { otherwise: 'DELETED' },
  shelved: { otherwise: 'SHELVED' },
  shelved_offloaded: { otherwise: 'SHELVED_OFFLOADED' },
};
export const statusOf = (vmState: VmState, taskState: TaskState | null): string => {
  const byTask = STATUS[vmState];
  return (taskState && byTask[taskState]) ?? byTask.otherwise;
};
/** States and tasks in which a server has this status, for a filter. `tasks` null: all tasks but `except`. */
export const statesWith = (
  status: string,
): { vmState: VmState; tasks: readonly string[] | null; except: readonly string[] }[] =>
  (Object.entries(STATUS) as [VmState, ByTask][]).flatMap(([vmState, { otherwise, ...tasks }]) => {
    const named = Object.entries(tasks);
    const mine = named.filter(([, one]) => one === status).map(([task]) => task);
    return [
      ...(otherwise === status ? [{ vmState, tasks: null, except: named.map(([task]) => task) }] : []),
      ...(mine.length ? [{ vmState, tasks: mine, except: [] }] : []),
    ];
  });
