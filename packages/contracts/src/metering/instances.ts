import { z } from 'zod';
import { contractIn } from '../endpoint.js';
import { cloudType, idParams, page, pageQuery, parameter, timestamp, userIdParameter } from './page.js';

const contract = contractIn('instances');

const awsContent = z.object({
  aws_instance_id: z.int(),
  created_at: timestamp,
  ec2_instance_id: z.string(),
  region: z.string(),
  updated_at: timestamp,
});
const nefosContent = z.object({
  nefos_instance_id: z.int(),
  created_at: timestamp,
  instance_uuid: z.uuid(),
  region: z.string(),
  updated_at: timestamp,
});
export const meteredInstance = z
  .object({
    cloud_account_id: z.int(),
    created_at: timestamp,
    instance_id: z.int(),
    machine_image_id: z.int().nullable(),
    updated_at: timestamp,
    cloud_type: cloudType,
    content_object: z.union([awsContent, nefosContent]),
  })
  .meta({ id: 'MeteredInstance' });

const common = { access: 'identity-header', source: 'contract metering §6' } as const;
const query = z.looseObject({
  user_id: userIdParameter,
  running_since: parameter('only instances that have run without a break since then'),
});

export const listMeteredInstances = contract({
  ...common,
  method: 'get',
  path: '/v2/instances/',
  status: 200,
  summary: 'List instances, oldest first',
  description: 'Lists the instances of the accounts that the caller may see, oldest first.',
  query: query.extend(pageQuery),
  response: page(meteredInstance),
});
export const getMeteredInstance = contract({
  ...common,
  method: 'get',
  path: '/v2/instances/:id/',
  status: 200,
  summary: 'An instance',
  description: 'Answers one instance that the caller may see.',
  params: idParams,
  query,
  response: meteredInstance,
});
