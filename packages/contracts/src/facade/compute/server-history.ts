import { z } from 'zod';
import { contractIn } from '../../endpoint.js';
import { anyQuery, idParams, link } from '../fields.js';

const contract = contractIn('facade-compute');
const source = 'contract compute §12.3';
const PATH = '/compute/v2.1/servers/:id/os-instance-actions';
const action = z.looseObject({
  action: z.string(),
  instance_uuid: z.string(),
  request_id: z.string(),
  user_id: z.string().nullable(),
  project_id: z.string().nullable(),
  start_time: z.string(),
  message: z.string().nullable(),
});

export const listServerActions = contract({
  method: 'get',
  path: PATH,
  access: 'user',
  status: 200,
  summary: 'What was done to a server, newest first',
  description: 'From the operations. Of a deleted server from microversion 2.21 on; pages from 2.58 on.',
  source,
  params: idParams,
  query: anyQuery,
  response: z.object({ instanceActions: z.array(action), links: z.array(link).optional() }),
});
export const showServerAction = contract({
  method: 'get',
  path: `${PATH}/:request`,
  access: 'user',
  status: 200,
  summary: 'One thing that was done to a server, by the id of its request',
  source,
  params: idParams.extend({ request: z.string().max(255) }),
  response: z.object({ instanceAction: action }),
});
