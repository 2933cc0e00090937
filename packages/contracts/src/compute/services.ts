import { z } from 'zod';
import * as drf from '../drf/index.js';
import { contract } from '../endpoint.js';
import { detailed, listOf, listQuery } from './lists.js';

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
  query: listQuery,
  response: listOf(service),
});
export const getService = contract({
  ...services,
  method: 'get',
  path: '/staffapi/billing/services/:service_id',
  summary: 'A service',
  params: serviceParam,
  response: service,
});
export const patchService = contract({
  ...services,
  method: 'patch',
  path: '/staffapi/billing/services/:service_id',
  summary: 'Name the service in external billing',
  params: serviceParam,
  body: drf.dict({ external_billing_id: drf.char({ required: false, nullable: true, blank: true, max: 64 }) }),
  response: service,
});
const act = (action: string, summary: string, aliases: string[] = []) =>
  contract({
    ...services,
    method: 'post',
    path: `/staffapi/billing/services/:service_id/${action}`,
    aliases,
    summary,
    params: serviceParam,
    response: detailed,
  });
export const activateService = act('activate', 'Activate a service');
export const suspendService = act('suspend', 'Suspend a service');
export const unsuspendService = act('unsuspend', 'Take a suspension back', [
  '/staffapi/billing/services/:service_id/resume',
]);
export const terminateService = act('terminate', 'End a service: its cloud resources are deleted');

const ready = { access: 'staff', source: 'contract compute §5' } as const;
export const newServiceData = contract({
  ...ready,
  method: 'get',
  path: '/staffapi/openstack/billing/services/new_service_data',
  status: 200,
  refusals: [404],
  summary: 'What OpenStack service a client can have',
  query: z.looseObject({ client_id: z.union([z.string(), z.array(z.string())]).optional() }),
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
  body: drf.dict({
    client_id: drf.integer({}),
    product_id: drf.integer({}),
    product_cycle_id: drf.integer({}),
    service_external_id: drf.char({ required: false, nullable: true, blank: true, max: 64, default: null }),
    create_new_project: drf.boolean({ required: false, default: true }),
  }),
  response: service,
});
