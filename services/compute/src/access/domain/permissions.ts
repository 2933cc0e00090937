import { forbidden } from '@nefos/service-kit';
import type { Caller } from './callers.js';

/** The 30 names of contract compute §6.3; their mixed hyphens and underscores are part of them. */
export const PERMISSIONS = [
  'instances.abort-migrate',
  'instances.add_floating_ip',
  'instances.associate_security_group',
  'instances.attach-volume',
  'instances.boot_from_iso',
  'instances.change-password',
  'instances.confirm-resize',
  'instances.create',
  'instances.create_backup',
  'instances.create_snapshot',
  'instances.destroy',
  'instances.detach_volume',
  'instances.dissociate_security_group',
  'instances.lock',
  'instances.migrate',
  'instances.move',
  'instances.reboot',
  'instances.rebuild',
  'instances.remove_floating_ip',
  'instances.rename',
  'instances.rescue',
  'instances.reset-state',
  'instances.resize',
  'instances.resume',
  'instances.revert-resize',
  'instances.start',
  'instances.stop',
  'instances.suspend',
  'instances.unlock',
  'instances.unrescue',
] as const;
export type Permission = (typeof PERMISSIONS)[number];
/** Never for end users (contract compute §13). */
const STAFF_ONLY = new Set<Permission>([
  'instances.migrate',
  'instances.abort-migrate',
  'instances.move',
  'instances.reset-state',
]);

export const mayDo = (caller: Caller, permission: Permission): boolean => caller.staff || !STAFF_ONLY.has(permission);
/** @throws Fault forbidden */
export const demand = (caller: Caller, permission: Permission): void => {
  if (!mayDo(caller, permission)) throw forbidden();
};
/** Every name and whether the caller has it, as the lists show it. */
export const permissionsOf = (caller: Caller): Record<Permission, boolean> =>
  Object.fromEntries(PERMISSIONS.map((name) => [name, mayDo(caller, name)])) as Record<Permission, boolean>;
