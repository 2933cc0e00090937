import type { BackupScheduleRow } from '../domain/backup-schedules.js';
import { commonView } from './schedules.view.js';

export const backupScheduleView = (one: BackupScheduleRow, zone: string) => {
  const { head, tail, result } = commonView(one, zone, 'The backup was accepted.');
  return {
    ...head,
    type: one.type,
    run_at: one.runAt,
    day_of_week: one.dayOfWeek,
    day_of_month: one.dayOfMonth,
    rotation: one.rotation,
    name_prefix: one.namePrefix,
    ...tail,
    last_result: result && { ...result, image: one.lastResult?.image ?? null },
  };
};
