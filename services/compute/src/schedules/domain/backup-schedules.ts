import { randomUUID } from 'node:crypto';
import type { ComputeRequest } from '../../ctx.js';
import { findReachable } from '../../instances/domain/instances.js';
import { demandImageable } from '../../instances/domain/snapshots.js';
import type { Page } from '../../lists/list-plan.js';
import type { Query } from '../../lists/list-query.js';
import { demandSupported } from '../../operations/domain/faults.js';
import { invalidValue } from '../../refusals.js';
import { BACKUP_SCHEDULES, insertBackupSchedule, updateBackupSchedule } from '../store/backup-schedules.js';
import type { WithClient } from '../store/schedules.js';
import type { BackupSchedule, BackupType } from '../tables.js';
import { nextBackup, type BackupTimes } from './backup-times.js';
import {
  addSchedule,
  demandZone,
  getReachable,
  listReachable,
  namedInstance,
  removeReachable,
  updateReachable,
} from './reach.js';

export type BackupScheduleRow = WithClient<BackupSchedule>;

/** The right to make a backup by hand is the right to have it made. */
const PERMISSION = 'instances.create_backup';

export interface BackupScheduleInput {
  instance: string;
  type: BackupType;
  runAt: string;
  /** Undefined: Sunday of a weekly one; of others there is none. */
  dayOfWeek: number | null | undefined;
  /** Undefined: the first of a monthly one. */
  dayOfMonth: number | null | undefined;
  rotation: number;
  /** Undefined: of the type. */
  namePrefix: string | undefined;
  timezone: string;
  enabled: boolean;
}
export type BackupSchedulePatch = {
  [K in keyof Omit<BackupScheduleInput, 'instance'>]?: BackupScheduleInput[K] | undefined;
};

/** @throws Fault invalid: a day that the type does not have, or one that is none */
const dayOf = (
  { type }: { type: BackupType },
  of: BackupType,
  field: 'day_of_week' | 'day_of_month',
  given: number | null | undefined,
  otherwise: number,
): number | null => {
  if (type === of) return given ?? otherwise;
  if (given !== undefined && given !== null) throw invalidValue([field], 'schedule.day', { type: of });
  return null;
};
/** Times as they are stored, and the next one. @throws Fault invalid */
const timesOf = (
  ctx: ComputeRequest,
  given: Pick<BackupScheduleInput, 'type' | 'runAt' | 'dayOfWeek' | 'dayOfMonth' | 'timezone'>,
): BackupTimes & { nextRunAt: string | null } => {
  if (!/^([01]\d|2[0-3]):[0-5]\d$/.test(given.runAt)) throw invalidValue(['run_at'], 'schedule.run_at');
  demandZone(given.timezone);
  const times: BackupTimes = {
    type: given.type,
    runAt: given.runAt,
    timezone: given.timezone,
    dayOfWeek: dayOf(given, 'weekly', 'day_of_week', given.dayOfWeek, 0),
    dayOfMonth: dayOf(given, 'monthly', 'day_of_month', given.dayOfMonth, 1),
  };
  return { ...times, nextRunAt: nextBackup(times, ctx.clock.now())?.toISOString() ?? null };
};

/** Backup schedules of instances that the caller may see, newest first. */
export const listBackupSchedules = (
  ctx: ComputeRequest,
  query: Query,
  acting: string | undefined,
): Promise<Page<BackupScheduleRow>> => listReachable(ctx, BACKUP_SCHEDULES, query, acting);
/** @throws Fault not_found */
export const getBackupSchedule = (ctx: ComputeRequest, id: string): Promise<BackupScheduleRow> =>
  getReachable(ctx, BACKUP_SCHEDULES, id);
/**
 * @throws Fault invalid, forbidden, forbidden/client.suspended, conflict/action.unsupported: no image can be made of
 * the instance, conflict/region.no_snapshots, conflict/schedule.too_many
 */
export const createBackupSchedule = async (
  ctx: ComputeRequest,
  input: BackupScheduleInput,
): Promise<BackupScheduleRow> => {
  const instance = await namedInstance(ctx, input.instance, PERMISSION);
  const times = timesOf(ctx, input);
  demandSupported(ctx, instance.regionId, 'snapshot', 'create_backup');
  const id = randomUUID();
  await addSchedule(ctx, BACKUP_SCHEDULES, instance, async (tx) => {
    await demandImageable(tx, instance.id);
    await insertBackupSchedule(tx, {
      ...times,
      id,
      instanceId: instance.id,
      rotation: input.rotation,
      namePrefix: input.namePrefix ?? `${input.type} backup`,
      enabled: input.enabled,
    });
  });
  return getBackupSchedule(ctx, id);
};
/** Changes what is given; it runs next as if it were new. @throws as `createBackupSchedule`, not_found */
export const changeBackupSchedule = async (
  ctx: ComputeRequest,
  id: string,
  patch: BackupSchedulePatch,
): Promise<BackupScheduleRow> => {
  const before = await getBackupSchedule(ctx, id);
  const { regionId } = await findReachable(ctx, before.instanceId, PERMISSION);
  // Another type has days of its own.
  const kept = patch.type === undefined || patch.type === before.type ? before : { dayOfWeek: null, dayOfMonth: null };
  const times = timesOf(ctx, {
    type: patch.type ?? before.type,
    runAt: patch.runAt ?? before.runAt,
    timezone: patch.timezone ?? before.timezone,
    dayOfWeek: patch.dayOfWeek === undefined ? kept.dayOfWeek : patch.dayOfWeek,
    dayOfMonth: patch.dayOfMonth === undefined ? kept.dayOfMonth : patch.dayOfMonth,
  });
  demandSupported(ctx, regionId, 'snapshot', 'create_backup');
  const { rotation, namePrefix, enabled } = patch;
  await updateReachable(ctx, before, (tx) => updateBackupSchedule(tx, id, { ...times, rotation, namePrefix, enabled }));
  return getBackupSchedule(ctx, id);
};
/** @throws Fault not_found */
export const removeBackupSchedule = (ctx: ComputeRequest, id: string): Promise<void> =>
  removeReachable(ctx, BACKUP_SCHEDULES, id);
