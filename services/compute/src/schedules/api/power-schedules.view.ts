import type { PowerScheduleRow } from '../domain/power-schedules.js';
import { commonView } from './schedules.view.js';

export const scheduleView = (one: PowerScheduleRow, zone: string) => {
  const { head, tail, result } = commonView(one, zone, 'The action was accepted.');
  return { ...head, action: one.action, cron: one.cron, ...tail, last_result: result };
};
