import type { ComputeRequest } from '../../ctx.js';
import { since } from '../../facade/api/microversion.js';
import { microseconds } from '../../facade/api/times.js';
import { scopeOf } from '../../facade/domain/scope.js';
import { projectOnWire } from '../../facade/project-ids.js';
import type { ActionRow } from '../domain/server-parts.js';

const NAMES: Readonly<Record<string, string>> = {
  rebootSoft: 'reboot',
  rebootHard: 'reboot',
  liveMigrate: 'live-migration',
  abortMigrate: 'live_migration_abort',
  snapshot: 'createImage',
  backup: 'createBackup',
  addPort: 'attach_interface',
  removePort: 'detach_interface',
  addGroup: 'addSecurityGroup',
  removeGroup: 'removeSecurityGroup',
};
const RESULTS: Readonly<Record<string, string>> = { completed: 'Success', failed: 'Error', canceled: 'Error' };

/** An operation of the portal as Nova shows what was done to a server. @param whole with its events */
export const actionView = (ctx: ComputeRequest, id: string, row: ActionRow, whole: boolean) => {
  const events = [
    {
      event: `compute_${NAMES[row.action] ?? row.action}`,
      start_time: microseconds(row.startedAt ?? row.createdAt),
      finish_time: row.completedAt && microseconds(row.completedAt),
      result: RESULTS[row.status] ?? null,
      ...(scopeOf(ctx).admin && { traceback: row.error?.message ?? null }),
    },
  ];
  return {
    action: NAMES[row.action] ?? row.action,
    instance_uuid: id,
    request_id: `req-${row.id}`,
    user_id: row.createdBy,
    project_id: projectOnWire(scopeOf(ctx).projectId),
    start_time: microseconds(row.createdAt),
    message: row.status === 'failed' ? 'Error' : null,
    ...(since(ctx, 58) && { updated_at: microseconds(row.completedAt ?? row.startedAt ?? row.createdAt) }),
    ...(whole && { events }),
  };
};
