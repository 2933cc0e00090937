import { z } from 'zod';
import * as drf from '../drf/index.js';
import { contractIn } from '../endpoint.js';
import { clientParam } from './clients.js';
import { detailed, listOf, listQuery } from './lists.js';
import { one } from './params.js';

const contract = contractIn('billing');

const money = z.string().regex(/^-?\d+\.\d\d$/);
const flag = one;

export const changeCredit = contract({
  method: 'post',
  path: '/staffapi/clients/:client_id/change_credit',
  access: 'staff',
  status: 200,
  summary: "Add to or take from a client's credit",
  description:
    'Adds an amount to the credit of a client; `add_credit` false subtracts it, also below zero. Answers the new ' +
    'balance.',
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
export const updateCredit = contract({
  method: 'post',
  path: '/staffapi/clients/:client_id/update_credit',
  access: 'staff',
  status: 200,
  summary: 'Work out the up-to-date credit of a client',
  description:
    'Works out the credit of a client less its unpaid cycles, and notes since when it is below its limit, or that it ' +
    'is so no longer.',
  source: 'contract compute §9.2, §9.3',
  params: clientParam,
  response: z.strictObject({ client: z.int(), uptodate_credit: money, outofcredit_datetime: z.string().nullable() }),
});
export const billingSummary = contract({
  method: 'get',
  path: '/staffapi/clients/:client_id/billing_summary',
  access: 'staff',
  status: 200,
  summary: 'Cost of the unpaid cycles',
  description: 'Answers the cost of the billing cycles of a client that are not paid yet, and its currency.',
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
  description:
    'Records which clients, named by their external billing ids, have a billing agreement. Unknown ids are ignored.',
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
  description:
    'Lists the clients that an external billing system should invoice, as an array without an envelope. The query ' +
    'narrows it by credit, billing agreement and suspension.',
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
  description:
    'Answers the unsettled periods of a client and marks them as invoiced. It changes data though it is a GET.',
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
  description: 'Lists the external billing ids of clients whose credit is below their limit.',
  source: 'contract compute §4.3',
  response: z.object({ objects: z.array(z.string()) }),
});
export const processCreditAutoInvoicing = contract({
  method: 'post',
  path: '/staffapi/billing/external-billing/process_clients_for_credit_auto_invoicing',
  access: 'staff',
  status: 200,
  summary: 'How much credit clients need',
  description: 'Answers for up to 20 clients how much credit each of them needs.',
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

export const currency = z
  .strictObject({ code: z.string(), rate: z.string(), is_default: z.boolean() })
  .meta({ id: 'Currency' });
export const listCurrencies = contract({
  method: 'get',
  path: '/staffapi/billing/currencies',
  access: 'staff',
  status: 200,
  summary: 'List currencies',
  description: 'Lists currencies with their rates to the default one.',
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
  description:
    'Lists billing configurations: credit limits, and after how many hours without credit a client is suspended or ' +
    'terminated.',
  source: 'contract compute §9.3, §9.6',
  query: listQuery,
  response: listOf(configuration),
});
