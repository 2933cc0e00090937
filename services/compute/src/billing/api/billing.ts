import { compute, drf, rowsOf } from '@nefos/contracts';
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
import { localTime } from '../../local-time.js';
import {
  activateService,
  createOpenstackService,
  getService,
  listServices,
  offersFor,
  renameService,
  suspendService,
  terminateService,
  unsuspendService,
  type OfferRow,
  type ServiceRow,
} from '../../clients/domain/services.js';
import { envelope } from '../../lists/envelope.js';

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
/** 0, which nobody has, when it is no id. */
const clientIdOf = (value: unknown): number => rowsOf(lastOf(value), Number.MAX_SAFE_INTEGER) ?? 0;
const serviceView = (ctx: ComputeCtx) => (s: ServiceRow) => ({
  id: s.id,
  display_name: s.display_name,
  status: s.status,
  external_billing_id: s.external_billing_id,
  client: { id: s.client_id, name: s.client_name, external_billing_id: s.client_external_billing_id },
  product: { id: s.product_id, name: s.product_name, product_type: s.product_type },
  cycle: { id: s.cycle_id, cycle: s.cycle, cycle_multiplier: s.cycle_multiplier, currency: s.currency },
  created_at: localTime(s.created_at, ctx.config.NEFOS_COMPUTE_TIME_ZONE),
  paid_until: s.paid_until && localTime(s.paid_until, ctx.config.NEFOS_COMPUTE_TIME_ZONE),
  suspend_type: s.suspend_type,
});

/** Offers by product. */
const offersView = (offers: readonly OfferRow[]) => ({
  products: [...new Map(offers.map((one) => [one.product_id, one.name]))].map(([id, name]) => ({
    id,
    name,
    cycles: offers
      .filter((one) => one.product_id === id)
      .map((one) => ({
        id: one.cycle_id,
        cycle: one.cycle,
        cycle_multiplier: one.cycle_multiplier,
        currency: one.currency,
      })),
  })),
});

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
  endpoint(compute.newServiceData, async (ctx, { query }) =>
    offersView(await offersFor(ctx, clientIdOf(query.client_id))),
  ),
  endpoint(compute.createOpenstackService, async (ctx, { body }) =>
    serviceView(ctx)(
      await createOpenstackService(ctx, {
        clientId: body.client_id,
        productId: body.product_id,
        cycleId: body.product_cycle_id,
        externalId: body.service_external_id,
      }),
    ),
  ),
  endpoint(compute.listServices, async (ctx, { query, req }) =>
    envelope(ctx, req, await listServices(ctx, query), serviceView(ctx)),
  ),
  endpoint(compute.getService, async (ctx, { params }) => serviceView(ctx)(await getService(ctx, params.service_id))),
  endpoint(compute.patchService, async (ctx, { params, body }) =>
    serviceView(ctx)(await renameService(ctx, params.service_id, body.external_billing_id)),
  ),
  endpoint(compute.activateService, async (ctx, { params }) => {
    await activateService(ctx, params.service_id);
    return { detail: 'Service activated' };
  }),
  endpoint(compute.suspendService, async (ctx, { params }) => {
    await suspendService(ctx, params.service_id);
    return { detail: 'Service suspended' };
  }),
  endpoint(compute.unsuspendService, async (ctx, { params }) => {
    await unsuspendService(ctx, params.service_id);
    return { detail: 'Service unsuspended' };
  }),
  endpoint(compute.terminateService, async (ctx, { params }) => {
    await terminateService(ctx, params.service_id);
    return { detail: 'Service terminated' };
  }),
];
