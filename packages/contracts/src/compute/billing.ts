import { z } from 'zod';
import * as drf from '../drf/index.js';
import { contract } from '../endpoint.js';
import { clientParam } from './clients.js';
import { detailed, listOf, listQuery } from './lists.js';

const money = z.string().regex(/^-?\d+\.\d\d$/);
const flag = z.union([z.string(), z.array(z.string())]).optional();

export const changeCredit = contract({
  method: 'post',
  path: '/staffapi/clients/:client_id/change_credit',
  access: 'staff',
  status: 200,
  summary: "Add to or take from a client's credit",
  source: 'contract compute §4.3',
  params: clientParam,
  body: drf.dict({
    amount: drf.decimal({ places: 6 }),
    currency: drf.char({ required: false, max: 3 }),
    add_credit: drf.boolean({ required: false, default: true }),
    external_source: drf.boolean({ required: false, default: false }),
  }),
  response: z.object({ client: z.int(), credit_balance: money }),
});
export const billingSummary = contract({
  method: 'get',
  path: '/staffapi/clients/:client_id/billing_summary',
  access: 'staff',
  status: 200,
  summary: 'Cost of the unpaid cycles',
  source: 'contract compute §4.3',
  params: clientParam,
  response: z.object({ price: money, currency: z.string() }),
});
export const setBillingAgreements = contract({
  method: 'post',
  path: '/staffapi/clients/set_billing_agreements',
  access: 'staff',
  status: 200,
  summary: 'Say which clients have a billing agreement',
  source: 'contract compute §4.3',
  body: drf.list(drf.dict({ uuid: drf.char({ max: 64 }), agreement: drf.boolean({}) }), {}),
  response: detailed,
});
export const getClientsToInvoice = contract({
  method: 'get',
  path: '/staffapi/clients/get_clients_to_invoice',
  access: 'staff',
  status: 200,
  summary: 'Clients that external billing should invoice',
  source: 'contract compute §4.3',
  query: z.looseObject({
    has_external_billing: flag,
    uptodate_credit_max: flag,
    has_billing_agreement: flag,
    process_suspended: flag,
  }),
  response: z.array(
    z.strictObject({ id: z.int(), has_service_cycle_recently_ended: z.boolean(), reached_credit_limit: z.boolean() }),
  ),
});
export const getClientForInvoiceProcessing = contract({
  method: 'get',
  writes: true,
  path: '/staffapi/clients/:client_id/get_client_for_invoice_processing',
  access: 'staff',
  status: 200,
  summary: 'What to invoice; the periods become invoiced',
  source: 'contract compute §4.3',
  params: clientParam,
  response: z.strictObject({
    id: z.int(),
    external_billing_id: z.string().nullable(),
    currency: z.string(),
    uptodate_credit: money,
    effective_credit_limit: money,
    unsettled_periods: z.array(z.object({ id: z.int(), related_service: z.int() })),
  }),
});
export const getClientsToAutoInvoice = contract({
  method: 'get',
  path: '/staffapi/billing/external-billing/get_clients_to_auto_invoice_for_external_billing',
  access: 'staff',
  status: 200,
  summary: 'Clients below their credit limit',
  source: 'contract compute §4.3',
  response: z.object({ objects: z.array(z.string()) }),
});
export const processCreditAutoInvoicing = contract({
  method: 'post',
  path: '/staffapi/billing/external-billing/process_clients_for_credit_auto_invoicing',
  access: 'staff',
  status: 200,
  summary: 'How much credit clients need',
  source: 'contract compute §4.3',
  body: drf.dict({
    clients: drf.list(
      drf.dict({
        external_billing_id: drf.char({ max: 64 }),
        credit_still_to_be_paid: drf.decimal({ required: false, default: '0' }),
        credit_still_to_be_paid_currency_code: drf.char({ required: false, max: 3 }),
      }),
      { max: 20 },
    ),
  }),
  response: z.object({
    objects: z.array(
      z.object({ external_billing_id: z.string(), necessary_credit: money, necessary_credit_currency: z.string() }),
    ),
  }),
});

const groupParam = z.object({
  group_id: z
    .string()
    .regex(/^[1-9]\d{0,8}$/)
    .transform(Number),
});
const groupFields = {
  name: drf.char({ max: 128 }),
  description: drf.char({ required: false, blank: true, max: 1024, default: '' }),
  is_default: drf.boolean({ required: false, default: false }),
};
export const clientGroup = z
  .strictObject({ id: z.int(), name: z.string(), description: z.string(), is_default: z.boolean() })
  .meta({ id: 'ClientGroup' });
const group = { access: 'staff', source: 'contract compute §4.3' } as const;
export const listClientGroups = contract({
  ...group,
  method: 'get',
  path: '/staffapi/clientgroups',
  status: 200,
  summary: 'List client groups',
  query: listQuery,
  response: listOf(clientGroup),
});
export const createClientGroup = contract({
  ...group,
  method: 'post',
  path: '/staffapi/clientgroups',
  status: 201,
  summary: 'Create a client group',
  body: drf.dict(groupFields),
  response: clientGroup,
});
export const getClientGroup = contract({
  ...group,
  method: 'get',
  path: '/staffapi/clientgroups/:group_id',
  status: 200,
  summary: 'A client group',
  params: groupParam,
  response: clientGroup,
});
export const putClientGroup = contract({
  ...group,
  method: 'put',
  path: '/staffapi/clientgroups/:group_id',
  status: 200,
  summary: 'Replace a client group',
  params: groupParam,
  body: drf.dict(groupFields),
  response: clientGroup,
});
export const patchClientGroup = contract({
  ...group,
  method: 'patch',
  path: '/staffapi/clientgroups/:group_id',
  status: 200,
  summary: 'Change a client group',
  params: groupParam,
  body: drf.partial(groupFields),
  response: clientGroup,
});
export const deleteClientGroup = contract({
  ...group,
  method: 'delete',
  path: '/staffapi/clientgroups/:group_id',
  status: 204,
  summary: 'Delete a client group',
  params: groupParam,
});

export const currency = z
  .strictObject({ code: z.string(), rate: z.string(), is_default: z.boolean() })
  .meta({ id: 'Currency' });
export const listCurrencies = contract({
  method: 'get',
  path: '/staffapi/billing/currencies',
  access: 'staff',
  status: 200,
  summary: 'List currencies',
  source: 'contract compute §9.1, §9.6',
  query: listQuery,
  response: listOf(currency),
});
export const configuration = z
  .strictObject({
    id: z.int(),
    name: z.string(),
    description: z.string(),
    is_default: z.boolean(),
    required_credit: money,
    credit_limit: money,
    required_credit_agreement: money,
    credit_limit_agreement: money,
    suspend_after_hours: z.int(),
    terminate_after_hours: z.int().nullable(),
    auto_invoice_lead_time_hours: z.int(),
  })
  .meta({ id: 'Configuration' });
export const listConfigurations = contract({
  method: 'get',
  path: '/staffapi/configurations',
  access: 'staff',
  status: 200,
  summary: 'List configurations',
  source: 'contract compute §9.3, §9.6',
  query: listQuery,
  response: listOf(configuration),
});

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
