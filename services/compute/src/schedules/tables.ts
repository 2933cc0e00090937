import {
  boolean,
  instant,
  integer,
  jsonb,
  nullable,
  smallint,
  table,
  text,
  uuid,
  withDefault,
  type Row,
} from '@nefos/service-kit';

/** What became of a time of a schedule. */
export interface RunResult {
  status: 'accepted' | 'refused' | 'skipped';
  /** The time for which it was. */
  dueAt: string;
  operation?: string;
  /** The image that the operation makes. */
  image?: string;
  /** Why it was refused: code and values of the refusal. */
  code?: string;
  values?: Record<string, unknown>;
}
/** What schedules of every kind have. */
const common = {
  id: uuid(),
  instanceId: uuid(),
  timezone: text(),
  enabled: withDefault(boolean()),
  /** Null: there is none. */
  nextRunAt: nullable(instant()),
  lastRunAt: nullable(instant()),
  lastResult: nullable(jsonb<RunResult>()),
  createdAt: withDefault(instant()),
  updatedAt: withDefault(instant()),
};

export type ScheduledAction = 'start' | 'stop' | 'reboot';
/** When instances are started, stopped and rebooted by themselves. */
export const powerSchedules = table(
  'power_schedule',
  {
    ...common,
    action: text<ScheduledAction>(),
    /** Five fields. */
    cron: text(),
  },
  { primary: ['id'] },
);
export type PowerSchedule = Row<typeof powerSchedules>;

export type BackupType = 'daily' | 'weekly' | 'monthly';
/** When backups of instances are made by themselves. */
export const backupSchedules = table(
  'backup_schedule',
  {
    ...common,
    type: text<BackupType>(),
    /** `HH:MM` in its zone. */
    runAt: text(),
    /** Of weekly ones, 0 is Sunday. */
    dayOfWeek: nullable(smallint<number>()),
    /** Of monthly ones; a shorter month has its last day instead. */
    dayOfMonth: nullable(smallint<number>()),
    /** How many of its backups are kept. */
    rotation: integer(),
    namePrefix: text(),
  },
  { primary: ['id'] },
);
export type BackupSchedule = Row<typeof backupSchedules>;
