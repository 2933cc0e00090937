import { z } from 'zod';
import * as drf from '../drf/index.js';
import { contractIn } from '../endpoint.js';
import { listOf } from './lists.js';
import { scheduleFields, scheduleParam, scheduleQuery, scheduleResult, scheduleShape } from './schedule-shapes.js';

const contract = contractIn('schedules');

export const powerSchedule = z
  .strictObject({
    ...scheduleShape,
    action: z.enum(['start', 'stop', 'reboot']),
    cron: z.string(),
    last_result: scheduleResult.nullable(),
  })
  .meta({ id: 'PowerSchedule' });

const fields = { action: drf.choice(['start', 'stop', 'reboot'], {}), cron: drf.char({ max: 100 }), ...scheduleFields };
const forRoot = <const Root extends 'staffapi' | 'api', const Access extends 'staff' | 'enduser'>(
  root: Root,
  access: Access,
) => {
  const common = { access, source: 'contract compute §14.1' } as const;
  const path = `/${root}/openstack/powerschedules` as const;
  return {
    list: contract({
      ...common,
      method: 'get',
      path,
      status: 200,
      summary: 'List power schedules',
      description: 'Lists when instances are started, stopped and rebooted by themselves, newest first.',
      query: scheduleQuery,
      response: listOf(powerSchedule),
    }),
    create: contract({
      ...common,
      method: 'post',
      path,
      status: 201,
      refusals: [409],
      summary: 'Make a power schedule',
      description:
        'Has an instance started, stopped or rebooted at the times of a cron expression of five fields, in a time ' +
        'zone. 409 when the region can not do the action, or the instance has too many schedules.',
      body: drf.dict({ instance: drf.uuid({}), ...fields }),
      response: powerSchedule,
    }),
    get: contract({
      ...common,
      method: 'get',
      path: `${path}/:id`,
      status: 200,
      summary: 'A power schedule',
      description: 'Answers one schedule: when it runs next, and what became of the last time.',
      params: scheduleParam,
      response: powerSchedule,
    }),
    patch: contract({
      ...common,
      method: 'patch',
      path: `${path}/:id`,
      status: 200,
      refusals: [409],
      summary: 'Change a power schedule',
      description: 'Changes the fields that are sent. The next time is computed anew.',
      params: scheduleParam,
      body: drf.partial(fields),
      response: powerSchedule,
    }),
    remove: contract({
      ...common,
      method: 'delete',
      path: `${path}/:id`,
      status: 204,
      summary: 'Delete a power schedule',
      description: 'Deletes a schedule. What it has asked for already goes on.',
      params: scheduleParam,
    }),
  };
};
export const staffPowerSchedules = forRoot('staffapi', 'staff');
export const userPowerSchedules = forRoot('api', 'enduser');
