import type { TaskState, VmState } from './instance-states.js';

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
