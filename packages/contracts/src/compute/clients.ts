import { z } from 'zod';
import * as drf from '../drf/index.js';
import { contractIn } from '../endpoint.js';
import { COUNTRIES } from './countries.js';
import { detailed, listOf, listQuery } from './lists.js';
import { one } from './params.js';

const contract = contractIn('clients');

const optional = { required: false, nullable: true, blank: true, default: null } as const;
const id = z
  .string()
  .regex(/^[1-9]\d{0,8}$/)
  .transform(Number);
export const clientParam = z.object({ client_id: id });
const money = z.string().regex(/^-?\d+\.\d\d$/);

/** A user that comes with a new client (contract compute §4.2). */
export const newUserFields = {
  username: drf.char({ max: 150 }),
  email: drf.email({ max: 254 }),
  first_name: drf.char({ max: 150, required: false, blank: true, default: '' }),
  last_name: drf.char({ max: 150, required: false, blank: true, default: '' }),
  password: drf.char({ max: 4096, trim: false }),
  external_billing_id: drf.char({ ...optional, max: 64 }),
};
/** What staff may say about a client; limits of contract compute §4.2. */
const own = {
  first_name: drf.char({ max: 127 }),
  last_name: drf.char({ max: 127 }),
  email: drf.email({ max: 127 }),
  address1: drf.char({ max: 255 }),
  city: drf.char({ max: 127 }),
  country: drf.choice(COUNTRIES, {}),
  zip_code: drf.char({ max: 10 }),
  phone: drf.char({ max: 64 }),
  state: drf.char({ ...optional, max: 127 }),
  company: drf.char({ ...optional, max: 127 }),
  address2: drf.char({ ...optional, max: 255 }),
  fax: drf.char({ ...optional, max: 64 }),
  vat_id: drf.char({ ...optional, max: 32 }),
};
const byStaff = {
  ...own,
  currency: drf.char({ required: false, max: 3 }),
  configuration: drf.char({ required: false, max: 128 }),
  groups: drf.list(drf.char({ max: 128 }), { required: false, max: 100 }),
  custom_fields: drf.list(drf.dict({ name: drf.char({ max: 128 }), value: drf.char({ ...optional, max: 4096 }) }), {
    required: false,
    max: 100,
  }),
  reseller_client: drf.integer({ required: false, nullable: true }),
  external_billing_id: drf.char({ ...optional, max: 64 }),
  auto_order_service_external_billing_id: drf.char({ ...optional, max: 64 }),
  create_auto_order_service: drf.boolean({ required: false, default: false }),
};
export const clientInput = drf.dict(byStaff);
export type ClientInput = z.infer<typeof clientInput>;

/** The form: what create and update answer, 22 keys. */
export const clientForm = z
  .strictObject({
    id: z.int(),
    first_name: z.string(),
    last_name: z.string(),
    company: z.string().nullable(),
    address1: z.string(),
    address2: z.string().nullable(),
    city: z.string(),
    state: z.string().nullable(),
    country: z.string(),
    zip_code: z.string(),
    phone: z.string(),
    fax: z.string().nullable(),
    email: z.string(),
    vat_id: z.string().nullable(),
    currency: z.string(),
    groups: z.array(z.string()),
    custom_fields: z.array(z.object({ name: z.string(), value: z.string().nullable() })),
    configuration: z.string(),
    reseller_client: z.int(),
    external_billing_id: z.string().nullable(),
    auto_order_service_external_billing_id: z.string().nullable(),
    create_auto_order_service: z.literal(false),
  })
  .meta({ id: 'ClientForm' });
/** The list's object: 21 keys of the seed, two of later editions. */
export const clientItem = z
  .strictObject({
    id: z.int(),
    first_name: z.string(),
    last_name: z.string(),
    name: z.string(),
    long_name: z.string(),
    company: z.string().nullable(),
    email: z.string(),
    phone: z.string(),
    city: z.string(),
    state: z.string().nullable(),
    country: z.string(),
    country_name: z.string(),
    currency: z.string(),
    vat_id: z.string().nullable(),
    date_created: z.string(),
    status: z.enum(['active', 'inactive', 'suspending', 'suspended', 'deleting']),
    uptodate_credit: money,
    outofcredit_datetime: z.string().nullable(),
    suspend_instead_of_terminate: z.boolean(),
    group_name: z.string(),
    configuration_name: z.string(),
    external_billing_id: z.string().nullable(),
    has_billing_agreement: z.boolean(),
  })
  .meta({ id: 'Client' });
export const clientDetail = clientItem
  .extend(clientForm.shape)
  .extend({
    credits: z.array(z.object({ currency: z.string(), amount: money, uptodate_amount: money })),
    effective_credit_limit: money,
    services: z.array(z.object({ id: z.int(), display_name: z.string(), status: z.string() })),
    users: z.array(z.object({ id: z.int(), username: z.string(), email: z.string() })),
    tax_exempt: z.boolean(),
  })
  .meta({ id: 'ClientDetail' });

export const listClients = contract({
  method: 'get',
  path: '/staffapi/clients',
  access: 'staff',
  status: 200,
  summary: 'List clients',
  description: 'Lists clients, with paging, ordering, search and filtering.',
  source: 'seed List all clients; contract compute §4.1',
  query: listQuery,
  response: listOf(clientItem),
});
export const createClient = contract({
  method: 'post',
  path: '/staffapi/clients',
  access: 'staff',
  status: 201,
  summary: 'Create a client',
  description:
    'Creates a client and, when `user` is sent, an end user who belongs to it. Answers the 22 fields of the form.',
  source: 'seed Create a new client; contract compute §4.2',
  body: drf.dict({ ...byStaff, user: drf.dict(newUserFields, { required: false }) }),
  response: clientForm,
});
export const getClient = contract({
  method: 'get',
  path: '/staffapi/clients/:client_id',
  access: 'staff',
  status: 200,
  summary: 'A client in full',
  description: 'Answers one client in full: the fields of the list and of the form, its credits, services and users.',
  source: 'contract compute §4.3',
  params: clientParam,
  response: clientDetail,
});
export const putClient = contract({
  method: 'put',
  path: '/staffapi/clients/:client_id',
  access: 'staff',
  status: 200,
  summary: 'Replace what a client says of itself',
  description: 'Replaces the details of a client. Optional fields that are absent get their defaults.',
  source: 'contract compute §4.3',
  params: clientParam,
  body: clientInput,
  response: clientForm,
});
export const patchClient = contract({
  method: 'patch',
  path: '/staffapi/clients/:client_id',
  access: 'staff',
  status: 200,
  summary: 'Change a client',
  description: 'Changes the fields that are sent and leaves the others.',
  source: 'contract compute §4.3',
  params: clientParam,
  body: drf.partial(byStaff),
  response: clientForm,
});
export const deleteClient = contract({
  method: 'delete',
  path: '/staffapi/clients/:client_id',
  access: 'staff',
  status: 204,
  refusals: [409],
  summary: 'Delete a client; with its cloud resources when asked',
  description:
    'Deletes a client. 409 while it has active services, unless `delete_cloud_resources` is true: then its cloud ' +
    'resources are deleted first, and the client afterwards.',
  source: 'contract compute §4.3',
  params: clientParam,
  query: z.looseObject({ delete_cloud_resources: one }),
});
const act = (action: string, summary: string, description: string) =>
  contract({
    method: 'post',
    path: `/staffapi/clients/:client_id/${action}`,
    access: 'staff',
    status: 200,
    summary,
    description,
    source: 'contract compute §4.3',
    params: clientParam,
    response: detailed,
  });
export const suspendClient = act(
  'suspend',
  'Suspend a client: its instances stop',
  'Suspends a client. Its instances are stopped by operations. Repeating it changes nothing.',
);
export const resumeClient = act(
  'resume',
  'Resume a client: what the suspension stopped starts',
  'Ends the suspension of a client. Instances that the suspension stopped are started. Repeating it changes nothing.',
);
export const terminateClient = contract({
  method: 'post',
  path: '/staffapi/clients/:client_id/terminate',
  access: 'staff',
  status: 200,
  summary: "End a client's services",
  description: 'Ends the services of a client and, when asked, deletes its cloud resources.',
  source: 'contract compute §4.3',
  params: clientParam,
  body: drf.dict({ delete_cloud_resources: drf.boolean({ required: false, default: false }) }),
  response: detailed,
});

/** The end user's side (contract compute §13). */
export const listOwnClients = contract({
  method: 'get',
  path: '/api/clients',
  access: 'enduser',
  status: 200,
  summary: 'List the own clients',
  description: 'Lists the clients to which the caller belongs.',
  source: 'contract compute §13',
  query: listQuery,
  response: listOf(clientItem),
});
export const createOwnClient = contract({
  method: 'post',
  path: '/api/clients',
  access: 'enduser',
  status: 201,
  summary: 'Sign up as a client',
  description: 'Creates a client of the caller, who belongs to it from then on.',
  source: 'contract compute §13',
  body: drf.dict({ ...own, currency: byStaff.currency }),
  response: clientForm,
});
export const getOwnClient = contract({
  method: 'get',
  path: '/api/clients/:client_id',
  access: 'enduser',
  status: 200,
  summary: 'An own client',
  description: 'Answers one client to which the caller belongs; 404 for any other.',
  source: 'contract compute §13',
  params: clientParam,
  response: clientDetail,
});
export const patchOwnClient = contract({
  method: 'patch',
  path: '/api/clients/:client_id',
  access: 'enduser',
  status: 200,
  summary: 'Change the own details',
  description: 'Changes the details of a client to which the caller belongs; fields that are absent stay.',
  source: 'contract compute §13',
  params: clientParam,
  body: drf.partial(own),
  response: clientForm,
});
