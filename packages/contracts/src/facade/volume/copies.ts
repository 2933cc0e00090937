import { z } from 'zod';
import { contractIn } from '../../endpoint.js';
import { anyQuery, idParams } from '../fields.js';
import { document, flag, line, listing, metadata, name, user, uuid, V } from './fields.js';

const contract = contractIn('facade-volume');
const snapshot = z.object({ snapshot: document });
const backup = z.object({ backup: document });
const status = z.strictObject({ status: z.string().max(255) });
const nothing = document.nullable().optional();

export const listSnapshots = contract({
  ...user,
  method: 'get',
  path: `${V}/snapshots`,
  status: 200,
  summary: 'Snapshots, in short',
  query: anyQuery,
  response: listing('snapshots'),
});
export const detailSnapshots = contract({
  ...user,
  method: 'get',
  path: `${V}/snapshots/detail`,
  status: 200,
  summary: 'Snapshots',
  query: anyQuery,
  response: listing('snapshots'),
});
export const showSnapshot = contract({
  ...user,
  method: 'get',
  path: `${V}/snapshots/:id`,
  status: 200,
  summary: 'One snapshot',
  params: idParams,
  response: snapshot,
});
export const createSnapshot = contract({
  ...user,
  method: 'post',
  path: `${V}/snapshots`,
  status: 202,
  summary: 'Create a snapshot of a volume',
  body: z.strictObject({
    snapshot: z.strictObject({
      volume_id: uuid,
      name,
      description: line,
      display_name: name,
      force: flag.optional(),
      metadata: metadata.nullable().optional(),
    }),
  }),
  response: snapshot,
});
export const updateSnapshot = contract({
  ...user,
  method: 'put',
  path: `${V}/snapshots/:id`,
  status: 200,
  summary: 'Change name or description of a snapshot',
  params: idParams,
  body: z.strictObject({
    snapshot: z.strictObject({ name, description: line, display_name: name, display_description: line }),
  }),
  response: snapshot,
});
export const deleteSnapshot = contract({
  ...user,
  method: 'delete',
  path: `${V}/snapshots/:id`,
  status: 202,
  summary: 'Delete a snapshot',
  params: idParams,
});
export const actOnSnapshot = contract({
  ...user,
  method: 'post',
  path: `${V}/snapshots/:id/action`,
  status: 202,
  summary: 'Set the status of a snapshot, or delete it by force (administrators)',
  params: idParams,
  body: z.strictObject({
    'os-reset_status': status.optional(),
    'os-force_delete': nothing,
    'os-unmanage': nothing,
    'os-update_snapshot_status': nothing,
  }),
});

export const listBackups = contract({
  ...user,
  method: 'get',
  path: `${V}/backups`,
  status: 200,
  summary: 'Names and ids of backups',
  query: anyQuery,
  response: listing('backups'),
});
export const detailBackups = contract({
  ...user,
  method: 'get',
  path: `${V}/backups/detail`,
  status: 200,
  summary: 'Backups',
  query: anyQuery,
  response: listing('backups'),
});
export const showBackup = contract({
  ...user,
  method: 'get',
  path: `${V}/backups/:id`,
  status: 200,
  summary: 'One backup',
  params: idParams,
  response: backup,
});
export const createBackup = contract({
  ...user,
  method: 'post',
  path: `${V}/backups`,
  status: 202,
  summary: 'Create a backup of a volume',
  body: z.strictObject({
    backup: z.strictObject({
      volume_id: uuid,
      name,
      description: line,
      container: name,
      incremental: flag.optional(),
      force: flag.optional(),
      snapshot_id: uuid.nullable().optional(),
      metadata: metadata.nullable().optional(),
      availability_zone: z.string().min(1).max(255).nullable().optional(),
    }),
  }),
  response: backup,
});
export const updateBackup = contract({
  ...user,
  method: 'put',
  path: `${V}/backups/:id`,
  status: 200,
  summary: 'Change name, description or metadata of a backup (3.9, 3.43)',
  params: idParams,
  body: z.strictObject({ backup: z.strictObject({ name, description: line, metadata: metadata.optional() }) }),
  response: backup,
});
export const deleteBackup = contract({
  ...user,
  method: 'delete',
  path: `${V}/backups/:id`,
  status: 202,
  summary: 'Delete a backup',
  params: idParams,
});
export const restoreBackup = contract({
  ...user,
  method: 'post',
  path: `${V}/backups/:id/restore`,
  status: 202,
  summary: 'Fill a volume, or a new one, from a backup',
  params: idParams,
  body: z.strictObject({ restore: z.strictObject({ volume_id: uuid.nullable().optional(), name }).nullable() }),
  response: z.object({ restore: document }),
});
export const actOnBackup = contract({
  ...user,
  method: 'post',
  path: `${V}/backups/:id/action`,
  status: 202,
  summary: 'Set the status of a backup, or delete it by force (administrators)',
  params: idParams,
  body: z.strictObject({ 'os-reset_status': status.optional(), 'os-force_delete': nothing }),
});
