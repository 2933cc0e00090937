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
  type OfferRow,
  type ServiceRow,
} from '../domain/services.js';

const endpoint = endpointFor<ComputeCtx>();
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
