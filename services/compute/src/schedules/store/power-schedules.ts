import { columns, em, type Tx } from '@nefos/service-kit';
import { withoutUndefined } from '../../without-undefined.js';
import { powerSchedules, type PowerSchedule } from '../tables.js';
import type { ScheduleKind } from './schedules.js';

export const POWER_SCHEDULES: ScheduleKind<PowerSchedule> = {
  name: 'power_schedule',
  columns: columns(powerSchedules, 's'),
  fields: { action: { sql: 's.action', type: 'text' } },
  search: ['s.action'],
};
export type NewPowerSchedule = Pick<
  PowerSchedule,
  'id' | 'instanceId' | 'action' | 'cron' | 'timezone' | 'enabled' | 'nextRunAt'
>;
export const insertPowerSchedule = async (tx: Tx, one: NewPowerSchedule): Promise<void> => {
  await em(tx).insert(powerSchedules, one);
};
export type PowerScheduleChanges = {
  [K in 'action' | 'cron' | 'timezone' | 'enabled' | 'nextRunAt']?: PowerSchedule[K] | undefined;
};
export const updatePowerSchedule = async (tx: Tx, id: string, changes: PowerScheduleChanges): Promise<void> => {
  await em(tx).update(powerSchedules, { id }, { ...withoutUndefined(changes), updatedAt: () => 'now()' });
};
