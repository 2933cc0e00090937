import { z } from 'zod';
import { contractIn } from '../endpoint.js';
import { cloudType, page, pageQuery, parameter, userIdParameter } from './page.js';

const contract = contractIn('usage');

/** One day, UTC. `memory` is written with a decimal point always; GiB (contract metering §9.2). */
export const concurrentDay = z
  .object({
    date: z.iso.date(),
    instances: z.int(),
    instances_list: z.array(
      z.object({
        cloud_type: cloudType,
        cloud_instance_id: z.string(),
        rhel_version: z.string().nullable(),
        syspurpose: z.unknown(),
      }),
    ),
    vcpu: z.int(),
    memory: z.number(),
  })
  .meta({ id: 'ConcurrentDay' });

export const listConcurrentUsage = contract({
  method: 'get',
  path: '/v2/concurrent/',
  access: 'identity-header',
  source: 'contract metering §9',
  status: 200,
  summary: 'Most instances, vCPUs and memory at once, day by day',
  description:
    'Answers for each day (UTC) the largest number of instances, vCPUs and GiB of memory that ran at the same time.',
  query: z.looseObject({
    ...pageQuery,
    user_id: userIdParameter,
    cloud_account_id: parameter('only this cloud account, by its id'),
    start_date: parameter('first day, YYYY-MM-DD; default today'),
    end_date: parameter('day after the last one, YYYY-MM-DD; default tomorrow'),
  }),
  response: page(concurrentDay),
});
