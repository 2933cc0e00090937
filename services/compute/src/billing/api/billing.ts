import { compute, drf } from '@nefos/contracts';
import { endpointFor, invalid, issuesOf } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import {
  agree,
  billingSummary,
  changeCredit,
  clientsBelowLimit,
  clientsToInvoice,
  missingCredit,
  takeInvoiceWork,
} from '../domain/credits.js';
import { lastOf } from '../../lists/list-query.js';

const endpoint = endpointFor<ComputeCtx>();
/** `True`, `False`, or neither. */
const flag = (value: unknown): boolean | undefined => {
  const said = lastOf(value)?.toLowerCase();
  return said === 'true' || said === '1' ? true : said === 'false' || said === '0' ? false : undefined;
};
/** An amount that narrows a list: what is none is refused, since the list would be another one. @throws Fault invalid */
const amountOf = (name: string, value: unknown): string | undefined => {
  const said = lastOf(value);
  if (said === undefined || said === '') return undefined;
  const found = drf.decimal({}).safeParse(said);
  if (!found.success) throw invalid(issuesOf(found.error, [name]));
  return found.data;
};
/** Names under `/staffapi/clients` that would else be read as ids: mounted before the clients. */
export const invoicingEndpoints = [
  endpoint(compute.setBillingAgreements, async (ctx, { body }) => {
    await agree(ctx, body);
    return { detail: 'Billing agreements set' };
  }),
  endpoint(compute.getClientsToInvoice, async (ctx, { query }) =>
    (
      await clientsToInvoice(ctx, {
        external: flag(query.has_external_billing),
        agreement: flag(query.has_billing_agreement),
        creditMax: amountOf('uptodate_credit_max', query.uptodate_credit_max),
        suspendedToo: flag(query.process_suspended) === true,
      })
    ).map((one) => ({
      id: one.id,
      has_service_cycle_recently_ended: one.recently_ended,
      reached_credit_limit: one.below_limit,
    })),
  ),
];
export const billingEndpoints = [
  endpoint(compute.changeCredit, async (ctx, { params, body }) => ({
    client: params.client_id,
    credit_balance: await changeCredit(ctx, params.client_id, {
      amount: body.amount,
      currency: body.currency,
      add: body.add_credit,
    }),
  })),
  endpoint(compute.billingSummary, async (ctx, { params }) => billingSummary(ctx, params.client_id)),
  endpoint(compute.getClientForInvoiceProcessing, async (ctx, { params }) => {
    const work = await takeInvoiceWork(ctx, params.client_id);
    return {
      id: work.id,
      external_billing_id: work.external_billing_id,
      currency: work.currency,
      uptodate_credit: work.uptodate_credit,
      effective_credit_limit: work.effective_credit_limit,
      unsettled_periods: work.periods.map((one) => ({ id: one.id, related_service: one.service })),
    };
  }),
  endpoint(compute.getClientsToAutoInvoice, async (ctx) => ({ objects: await clientsBelowLimit(ctx) })),
  endpoint(compute.processCreditAutoInvoicing, async (ctx, { body }) => ({
    objects: (await missingCredit(ctx, body.clients)).map((one) => ({
      external_billing_id: one.external_billing_id,
      necessary_credit: one.amount,
      necessary_credit_currency: one.currency,
    })),
  })),
];
