import { columns, em, type Tx } from '@nefos/service-kit';
import { withoutUndefined } from '../../without-undefined.js';
import { backupSchedules, type BackupSchedule } from '../tables.js';
import type { ScheduleKind } from './schedules.js';

export const BACKUP_SCHEDULES: ScheduleKind<BackupSchedule> = {
  name: 'backup_schedule',
  columns: columns(backupSchedules, 's'),
  fields: { type: { sql: 's.type', type: 'text', plain: true } },
  search: ['s.name_prefix', 's.type'],
};
export type NewBackupSchedule = Omit<BackupSchedule, 'lastRunAt' | 'lastResult' | 'createdAt' | 'updatedAt'>;
export const insertBackupSchedule = async (tx: Tx, one: NewBackupSchedule): Promise<void> => {
  await em(tx).insert(backupSchedules, one);
};
export type BackupScheduleChanges = {
  [K in keyof Omit<NewBackupSchedule, 'id' | 'instanceId'>]?: BackupSchedule[K] | undefined;
};
export const updateBackupSchedule = async (tx: Tx, id: string, changes: BackupScheduleChanges): Promise<void> => {
  await em(tx).update(backupSchedules, { id }, { ...withoutUndefined(changes), updatedAt: () => 'now()' });
};
