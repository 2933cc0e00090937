import { z } from 'zod';
import * as drf from '../drf/index.js';
import { contractIn } from '../endpoint.js';
import { listOf, listQuery } from './lists.js';

const contract = contractIn('schedules');

export const powerSchedule = z
  .strictObject({
    id: z.uuid(),
    instance: z.uuid(),
    client: z.int(),
    action: z.enum(['start', 'stop', 'reboot']),
    cron: z.string(),
    timezone: z.string(),
    enabled: z.boolean(),
    next_run: z.string().nullable(),
    last_run: z.string().nullable(),
    last_result: z
      .strictObject({
        status: z.enum(['accepted', 'refused', 'skipped']),
        due_at: z.string(),
        operation: z.uuid().nullable(),
        detail: z.string(),
      })
      .nullable(),
    created_at: z.string(),
    updated_at: z.string(),
  })
  .meta({ id: 'PowerSchedule' });

const one = z.union([z.string(), z.array(z.string())]).optional();
const fields = {
  action: drf.choice(['start', 'stop', 'reboot'], {}),
  cron: drf.char({ max: 100 }),
  timezone: drf.char({ required: false, max: 64, default: 'UTC' }),
  enabled: drf.boolean({ required: false, default: true }),
};
const idParam = z.object({ id: z.string().max(255) });
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
      query: listQuery.safeExtend({ client: one, instance: one.describe('only those of this instance') }),
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
      params: idParam,
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
      params: idParam,
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
      params: idParam,
    }),
  };
};
export const staffPowerSchedules = forRoot('staffapi', 'staff');
export const userPowerSchedules = forRoot('api', 'enduser');
