import { z } from 'zod';
import { contractIn } from '../endpoint.js';
import { RESOURCE_KINDS } from '../internal/events.js';
import { page, pageQuery, parameter, userIdParameter } from './page.js';

const contract = contractIn('usage');

/** One day, UTC. Ours: the original meters instances only. */
export const resourceDay = z
  .object({
    date: z.iso.date(),
    usage: z.array(
      z.object({
        kind: z.enum(RESOURCE_KINDS),
        unit: z.enum(['byte', 'byte_hour', 'gibibyte_hour', 'address_hour']),
        resources: z.int().describe('how many of the kind there were on the day'),
        amount: z
          .string()
          .describe('a decimal number, in the unit: of traffic what was carried, else quantity times hours'),
      }),
    ),
  })
  .meta({ id: 'ResourceDay' });

export const listResourceUsage = contract({
  method: 'get',
  path: '/v2/resource_usage/',
  access: 'identity-header',
  source: 'ours; contract metering §8.3',
  status: 200,
  summary: 'What images, volumes, floating IPs and traffic amount to, day by day',
  description:
    'Answers for each day (UTC) and kind of resource how many there were and what their use amounts to: quantity ' +
    'times hours, and of traffic the bytes that were carried. Kinds that were not used on a day are left out.',
  query: z.looseObject({
    ...pageQuery,
    user_id: userIdParameter,
    cloud_account_id: parameter('only this cloud account, by its id'),
    kind: parameter(`only this kind: ${RESOURCE_KINDS.join(', ')}`),
    start_date: parameter('first day, YYYY-MM-DD; default today'),
    end_date: parameter('day after the last one, YYYY-MM-DD; default tomorrow'),
  }),
  response: page(resourceDay),
});
