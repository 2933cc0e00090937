import { z } from 'zod';
import * as drf from '../drf/index.js';
import { scheduleFields, scheduleResult, scheduleShape, schedulesOf } from './schedules.js';

const TYPES = ['daily', 'weekly', 'monthly'] as const;
export const backupSchedule = z
  .strictObject({
    ...scheduleShape,
    type: z.enum(TYPES),
    run_at: z.string().describe('`HH:MM` in its time zone'),
    day_of_week: z.int().nullable().describe('of weekly ones; 0 is Sunday'),
    day_of_month: z.int().nullable().describe('of monthly ones; a shorter month has its last day instead'),
    rotation: z.int().describe('how many of its backups are kept; protected ones are not counted'),
    name_prefix: z.string(),
    last_result: scheduleResult.safeExtend({ image: z.uuid().nullable() }).nullable(),
  })
  .meta({ id: 'BackupSchedule' });

const fields = {
  type: drf.choice(TYPES, {}),
  run_at: drf.char({ max: 5 }),
  day_of_week: drf.integer({ required: false, nullable: true, min: 0, max: 6 }),
  day_of_month: drf.integer({ required: false, nullable: true, min: 1, max: 31 }),
  rotation: drf.integer({ min: 1, max: 100 }),
  name_prefix: drf.char({ required: false, max: 200 }),
  ...scheduleFields,
};
const schedules = {
  kind: 'backupschedules',
  word: 'backup schedule',
  source: 'contract compute §14.2',
  shape: backupSchedule,
  created: drf.dict({ instance: drf.uuid({}), ...fields }),
  changed: drf.partial(fields),
  says: {
    list: 'Lists when backups of instances are made by themselves, newest first.',
    create:
      'Has a backup of an instance made every day, every week or every month, and keeps as many as the rotation ' +
      'says. 409 when no image of the instance can be made, or it has too many schedules.',
    remove: 'Deletes a schedule. Its backups stay.',
  },
} as const;
export const staffBackupSchedules = schedulesOf('staffapi', 'staff', schedules);
export const userBackupSchedules = schedulesOf('api', 'enduser', schedules);
