import { z } from 'zod';
import * as drf from '../drf/index.js';
import { contractIn } from '../endpoint.js';
import { listOf, listQuery } from './lists.js';
import { idParam, one } from './params.js';

const contract = contractIn('events');

export const webhook = z
  .strictObject({
    id: z.uuid(),
    url: z.string(),
    client: z.int().nullable().describe("whose events; null: everybody's"),
    description: z.string(),
    event_types: z.array(z.string()).describe('none: all'),
    enabled: z.boolean(),
    disabled_reason: z.string().nullable().describe('why it was disabled, if nobody asked for it'),
    failures: z.int().describe('attempts that failed since the last one that did not'),
    failing_since: z.string().nullable(),
    last_error: z.string().nullable(),
    next_attempt_at: z.string().nullable(),
    created_at: z.string(),
    updated_at: z.string(),
  })
  .meta({ id: 'Webhook' });
export const newWebhook = webhook
  .safeExtend({ secret: z.string().describe('signs the deliveries; shown this once') })
  .meta({ id: 'NewWebhook' });
export const webhookDelivery = z
  .strictObject({
    id: z.uuid().describe('the header `webhook-id`'),
    event_type: z.string(),
    status: z.enum(['pending', 'delivered', 'failed']),
    attempts: z.int(),
    response_status: z.int().nullable(),
    error: z.string().nullable(),
    created_at: z.string(),
    attempted_at: z.string().nullable(),
    body: z.unknown().describe('what is sent'),
  })
  .meta({ id: 'WebhookDelivery' });

const fields = {
  url: drf.char({ max: 2048 }),
  description: drf.char({ required: false, blank: true, max: 1024, default: '' }),
  event_types: drf.list(drf.char({ max: 81 }), { required: false, max: 20, default: [] }),
  enabled: drf.boolean({ required: false, default: true }),
};
const forRoot = <
  const Root extends 'staffapi' | 'api',
  const Access extends 'staff' | 'enduser',
  Create extends z.ZodType,
>(
  root: Root,
  access: Access,
  create: Create,
) => {
  const common = { access, source: 'contract compute §10.2' } as const;
  const path = `/${root}/webhooks` as const;
  const query = listQuery.safeExtend({ client: one });
  return {
    list: contract({
      ...common,
      method: 'get',
      path,
      status: 200,
      summary: 'List webhooks',
      description: 'Lists receivers of events, newest first.',
      query,
      response: listOf(webhook),
    }),
    create: contract({
      ...common,
      method: 'post',
      path,
      status: 201,
      refusals: [404, 409],
      summary: 'Make a webhook',
      description:
        'Has events sent to an address from now on. The answer holds the secret that signs them; it is shown this ' +
        'once. Addresses of internal networks are refused. 409 when there are too many.',
      query: z.looseObject({ client: one }),
      body: create,
      response: newWebhook,
    }),
    get: contract({
      ...common,
      method: 'get',
      path: `${path}/:id`,
      status: 200,
      summary: 'A webhook',
      description: 'Answers one receiver of events and how it fares.',
      params: idParam,
      response: webhook,
    }),
    patch: contract({
      ...common,
      method: 'patch',
      path: `${path}/:id`,
      status: 200,
      summary: 'Change a webhook',
      description: 'Changes the fields that are sent. One that is enabled again gets events from now on.',
      params: idParam,
      body: drf.partial(fields),
      response: webhook,
    }),
    remove: contract({
      ...common,
      method: 'delete',
      path: `${path}/:id`,
      status: 204,
      summary: 'Delete a webhook',
      description: 'Deletes a receiver, with what waits for it.',
      params: idParam,
    }),
    ping: contract({
      ...common,
      method: 'post',
      path: `${path}/:id/ping`,
      status: 200,
      summary: 'Send a ping to a webhook',
      description: 'Sends an event of the type `ping`, after what waits already. 409 when the webhook is disabled.',
      params: idParam,
      response: z.strictObject({ detail: z.string(), delivery: z.uuid() }),
    }),
    deliveries: contract({
      ...common,
      method: 'get',
      path: `${path}/:id/deliveries`,
      status: 200,
      summary: 'What is or was sent to a webhook',
      description: 'Lists deliveries, newest first: those that wait, and the last thousand that ended.',
      params: idParam,
      query: listQuery,
      response: listOf(webhookDelivery),
    }),
  };
};
export const staffWebhooks = forRoot(
  'staffapi',
  'staff',
  drf.dict({ ...fields, client: drf.integer({ required: false, null: true, min: 1 }) }),
);
export const userWebhooks = forRoot('api', 'enduser', drf.dict(fields));
