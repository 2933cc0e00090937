import { z } from 'zod';
import * as drf from '../drf/index.js';
import { scheduleFields, scheduleResult, scheduleShape, schedulesOf } from './schedules.js';

export const powerSchedule = z
  .strictObject({
    ...scheduleShape,
    action: z.enum(['start', 'stop', 'reboot']),
    cron: z.string(),
    last_result: scheduleResult.nullable(),
  })
  .meta({ id: 'PowerSchedule' });

const fields = { action: drf.choice(['start', 'stop', 'reboot'], {}), cron: drf.char({ max: 100 }), ...scheduleFields };
const schedules = {
  kind: 'powerschedules',
  word: 'power schedule',
  source: 'contract compute §14.1',
  shape: powerSchedule,
  created: drf.dict({ instance: drf.uuid({}), ...fields }),
  changed: drf.partial(fields),
  says: {
    list: 'Lists when instances are started, stopped and rebooted by themselves, newest first.',
    create:
      'Has an instance started, stopped or rebooted at the times of a cron expression of five fields, in a time ' +
      'zone. 409 when the region can not do the action, or the instance has too many schedules.',
    remove: 'Deletes a schedule. What it has asked for already goes on.',
  },
} as const;
export const staffPowerSchedules = schedulesOf('staffapi', 'staff', schedules);
export const userPowerSchedules = schedulesOf('api', 'enduser', schedules);
