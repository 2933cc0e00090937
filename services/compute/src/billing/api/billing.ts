import { compute, drf, type BodyOf } from '@nefos/contracts';
import { endpointFor, invalid, issuesOf } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import {
  agree,
  billingSummary,
  changeCredit,
  clientsBelowLimit,
  clientsToInvoice,
  missingCredit,
  resetInvoicedPeriods,
  takeInvoiceWork,
  updateCredit,
} from '../domain/credits.js';
import { lastOf } from '../../lists/list-query.js';
import { localTime } from '../../local-time.js';

const endpoint = endpointFor<ComputeCtx>();
/** `True`, `False`, or neither. */
const flag = (value: unknown): boolean | undefined => {
  const text = lastOf(value)?.toLowerCase();
  return text === 'true' || text === '1' ? true : text === 'false' || text === '0' ? false : undefined;
};
/**
 * An amount that narrows a list; undefined: not given.
 * @throws Fault invalid: no amount, which must not give a longer list
 */
const amountOf = (name: string, value: unknown): string | undefined => {
  const text = lastOf(value);
  if (text === undefined || text === '') return undefined;
  const found = drf.decimal({}).safeParse(text);
  if (!found.success) throw invalid(issuesOf(found.error, [name]));
  return found.data;
};
const creditQuestion = (one: BodyOf<typeof compute.processCreditAutoInvoicing>['clients'][number]) => ({
  externalBillingId: one.external_billing_id,
  toBePaid: one.credit_still_to_be_paid,
  currency: one.credit_still_to_be_paid_currency_code,
});
/** Paths under `/staffapi/clients` that would be read as ids of clients: they are mounted before the clients. */
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
      has_service_cycle_recently_ended: one.recentlyEnded,
      reached_credit_limit: one.belowLimit,
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
  endpoint(compute.updateCredit, async (ctx, { params }) => {
    const { uptodateCredit, outofcreditAt } = await updateCredit(ctx, params.client_id);
    return {
      client: params.client_id,
      uptodate_credit: uptodateCredit,
      outofcredit_datetime: outofcreditAt && localTime(outofcreditAt, ctx.config.NEFOS_COMPUTE_TIME_ZONE),
    };
  }),
  endpoint(compute.resetInvoicedPeriods, async (ctx, { params, body }) => {
    const reset = await resetInvoicedPeriods(ctx, params.service_id, body.periods_ids);
    return { detail: `${reset} periods are unpaid again` };
  }),
  endpoint(compute.billingSummary, async (ctx, { params }) => billingSummary(ctx, params.client_id)),
  endpoint(compute.getClientForInvoiceProcessing, async (ctx, { params }) => {
    const work = await takeInvoiceWork(ctx, params.client_id);
    return {
      id: work.id,
      external_billing_id: work.externalBillingId,
      currency: work.currency,
      uptodate_credit: work.uptodateCredit,
      effective_credit_limit: work.effectiveCreditLimit,
      unsettled_periods: work.periods.map((one) => ({ id: one.id, related_service: one.service })),
    };
  }),
  endpoint(compute.getClientsToAutoInvoice, async (ctx) => ({ objects: await clientsBelowLimit(ctx) })),
  endpoint(compute.processCreditAutoInvoicing, async (ctx, { body }) => ({
    objects: (await missingCredit(ctx, body.clients.map(creditQuestion))).map((one) => ({
      external_billing_id: one.externalBillingId,
      necessary_credit: one.amount,
      necessary_credit_currency: one.currency,
    })),
  })),
];
