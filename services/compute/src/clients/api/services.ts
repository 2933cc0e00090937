import { compute, rowsOf } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { envelope } from '../../lists/api/envelope.js';
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
  type Offer,
  type Service,
} from '../domain/services.js';

const endpoint = endpointFor<ComputeCtx>();
/** 0 if not numeric: no client has that id. */
const clientIdOf = (value: unknown): number => rowsOf(lastOf(value), Number.MAX_SAFE_INTEGER) ?? 0;
const serviceView = (ctx: ComputeCtx) => (s: Service) => ({
  id: s.id,
  display_name: s.displayName,
  status: s.status,
  external_billing_id: s.externalBillingId,
  client: { id: s.clientId, name: s.clientName, external_billing_id: s.clientExternalBillingId },
  product: { id: s.productId, name: s.productName, product_type: s.productType },
  cycle: { id: s.cycleId, cycle: s.cycle, cycle_multiplier: s.cycleMultiplier, currency: s.currency },
  created_at: localTime(s.createdAt, ctx.config.NEFOS_COMPUTE_TIME_ZONE),
  paid_until: s.paidUntil && localTime(s.paidUntil, ctx.config.NEFOS_COMPUTE_TIME_ZONE),
  suspend_type: s.suspendType,
});

/** Offers by product. */
const offersView = (offers: readonly Offer[]) => ({
  products: [...new Map(offers.map((one) => [one.productId, one.name]))].map(([id, name]) => ({
    id,
    name,
    cycles: offers
      .filter((one) => one.productId === id)
      .map((one) => ({
        id: one.cycleId,
        cycle: one.cycle,
        cycle_multiplier: one.cycleMultiplier,
        currency: one.currency,
      })),
  })),
});

export const serviceEndpoints = [
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
        withProject: body.create_new_project ?? true,
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
