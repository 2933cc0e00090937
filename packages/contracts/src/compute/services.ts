import { z } from 'zod';
import * as drf from '../drf/index.js';
import { contractIn } from '../endpoint.js';
import { detailed, listOf, listQuery } from './lists.js';
import { one } from './params.js';

const contract = contractIn('clients');

const serviceParam = z.object({
  service_id: z
    .string()
    .regex(/^[1-9]\d{0,8}$/)
    .transform(Number),
});
export const service = z
  .strictObject({
    id: z.int(),
    display_name: z.string(),
    status: z.enum(['pending', 'active', 'suspended', 'terminated', 'canceled', 'fraud', 'archived']),
    external_billing_id: z.string().nullable(),
    client: z.object({ id: z.int(), name: z.string(), external_billing_id: z.string().nullable() }),
    product: z.object({ id: z.int(), name: z.string(), product_type: z.string() }),
    cycle: z.object({ id: z.int(), cycle: z.string(), cycle_multiplier: z.int(), currency: z.string() }),
    created_at: z.string(),
    paid_until: z.string().nullable(),
    suspend_type: z.string().nullable(),
  })
  .meta({ id: 'Service' });
const services = { access: 'staff', status: 200, source: 'contract compute §5' } as const;
export const listServices = contract({
  ...services,
  method: 'get',
  path: '/staffapi/billing/services',
  summary: 'List services',
  description: 'Lists the services that clients have, with paging, ordering, search and filtering.',
  query: listQuery,
  response: listOf(service),
});
export const getService = contract({
  ...services,
  method: 'get',
  path: '/staffapi/billing/services/:service_id',
  summary: 'A service',
  description: 'Answers one service of a client.',
  params: serviceParam,
  response: service,
});
export const patchService = contract({
  ...services,
  method: 'patch',
  path: '/staffapi/billing/services/:service_id',
  summary: 'Name the service in external billing',
  description: 'Sets the id by which an external billing system knows the service.',
  params: serviceParam,
  body: drf.dict({ external_billing_id: drf.char({ required: false, nullable: true, blank: true, max: 64 }) }),
  response: service,
});
const act = (action: string, summary: string, description: string, aliases: string[] = []) =>
  contract({
    ...services,
    method: 'post',
    path: `/staffapi/billing/services/:service_id/${action}`,
    aliases,
    summary,
    description,
    params: serviceParam,
    response: detailed,
  });
export const activateService = act(
  'activate',
  'Activate a service',
  'Activates a service. Activating an active one changes nothing and is answered with 200.',
);
export const suspendService = act(
  'suspend',
  'Suspend a service',
  'Suspends a service. Suspending a suspended one changes nothing and is answered with 200.',
);
export const unsuspendService = act(
  'unsuspend',
  'Take a suspension back',
  'Ends the suspension of a service. For a service that is not suspended it changes nothing.',
  ['/staffapi/billing/services/:service_id/resume'],
);
export const terminateService = act(
  'terminate',
  'End a service: its cloud resources are deleted',
  'Terminates a service for good; operations delete its cloud resources.',
);

export const resetInvoicedPeriods = contract({
  ...services,
  method: 'post',
  path: '/staffapi/billing/services/:service_id/reset_service_invoiced_periods',
  summary: 'Take back that periods were invoiced',
  description:
    'Makes invoiced periods of the service unpaid again: external billing could not make the invoice. Periods that ' +
    'are settled, unpaid or of another service stay as they are.',
  params: serviceParam,
  body: drf.dict({ periods_ids: drf.list(drf.integer({ min: 1 }), { max: 1000 }) }),
  response: detailed,
});

const ready = { access: 'staff', source: 'contract compute §5' } as const;
export const newServiceData = contract({
  ...ready,
  method: 'get',
  path: '/staffapi/openstack/billing/services/new_service_data',
  status: 200,
  refusals: [404],
  summary: 'What OpenStack service a client can have',
  description:
    'Lists the products and billing cycles of which an OpenStack service can be made for a client. 404 for an ' +
    'unknown client.',
  query: z.looseObject({ client_id: one }),
  response: z.object({
    products: z.array(
      z.strictObject({
        id: z.int(),
        name: z.string(),
        cycles: z.array(
          z.strictObject({ id: z.int(), cycle: z.string(), cycle_multiplier: z.int(), currency: z.string() }),
        ),
      }),
    ),
  }),
});
export const createOpenstackService = contract({
  ...ready,
  method: 'post',
  path: '/staffapi/openstack/billing/services/create_openstack_service',
  status: 201,
  summary: 'Give a client its OpenStack service, with a new project',
  description:
    'Creates the OpenStack service of a client, with a new project unless `create_new_project` is false. 400 when ' +
    'the client has one already that is not terminated.',
  body: drf.dict({
    client_id: drf.integer({}),
    product_id: drf.integer({}),
    product_cycle_id: drf.integer({}),
    service_external_id: drf.char({ required: false, nullable: true, blank: true, max: 64, default: null }),
    create_new_project: drf.boolean({ required: false, default: true }),
  }),
  response: service,
});
