import { z } from 'zod';
import * as drf from '../drf/index.js';
import { contractIn } from '../endpoint.js';
import { listOf } from './lists.js';
import { scheduleFields, scheduleParam, scheduleQuery, scheduleResult, scheduleShape } from './schedule-shapes.js';

const contract = contractIn('schedules');

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
const forRoot = <const Root extends 'staffapi' | 'api', const Access extends 'staff' | 'enduser'>(
  root: Root,
  access: Access,
) => {
  const common = { access, source: 'contract compute §14.2' } as const;
  const path = `/${root}/openstack/backupschedules` as const;
  return {
    list: contract({
      ...common,
      method: 'get',
      path,
      status: 200,
      summary: 'List backup schedules',
      description: 'Lists when backups of instances are made by themselves, newest first.',
      query: scheduleQuery,
      response: listOf(backupSchedule),
    }),
    create: contract({
      ...common,
      method: 'post',
      path,
      status: 201,
      refusals: [409],
      summary: 'Make a backup schedule',
      description:
        'Has a backup of an instance made every day, every week or every month, and keeps as many as the rotation ' +
        'says. 409 when no image of the instance can be made, or it has too many schedules.',
      body: drf.dict({ instance: drf.uuid({}), ...fields }),
      response: backupSchedule,
    }),
    get: contract({
      ...common,
      method: 'get',
      path: `${path}/:id`,
      status: 200,
      summary: 'A backup schedule',
      description: 'Answers one schedule: when it runs next, and what became of the last time.',
      params: scheduleParam,
      response: backupSchedule,
    }),
    patch: contract({
      ...common,
      method: 'patch',
      path: `${path}/:id`,
      status: 200,
      refusals: [409],
      summary: 'Change a backup schedule',
      description: 'Changes the fields that are sent. The next time is computed anew.',
      params: scheduleParam,
      body: drf.partial(fields),
      response: backupSchedule,
    }),
    remove: contract({
      ...common,
      method: 'delete',
      path: `${path}/:id`,
      status: 204,
      summary: 'Delete a backup schedule',
      description: 'Deletes a schedule. Its backups stay.',
      params: scheduleParam,
    }),
  };
};
export const staffBackupSchedules = forRoot('staffapi', 'staff');
export const userBackupSchedules = forRoot('api', 'enduser');
