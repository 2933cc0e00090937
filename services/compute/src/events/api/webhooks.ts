import { compute } from '@nefos/contracts';
import { endpointFor, type Endpoint } from '@nefos/service-kit';
import { actingOf } from '../../access/api/acting.js';
import { camelKeys } from '../../camel-keys.js';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { envelope } from '../../lists/api/envelope.js';
import {
  changeWebhook,
  createWebhook,
  getWebhook,
  listDeliveriesOf,
  listWebhooks,
  pingWebhook,
  removeWebhook,
} from '../domain/webhooks.js';
import { deliveryView, webhookView } from './webhooks.view.js';

const endpoint = endpointFor<ComputeCtx>();
const zoneOf = (ctx: ComputeRequest): string => ctx.config.NEFOS_COMPUTE_TIME_ZONE;

const forRoot = (at: typeof compute.staffWebhooks | typeof compute.userWebhooks): Endpoint<ComputeCtx>[] => [
  endpoint(at.list, async (ctx, { req, query }) =>
    envelope(ctx, req, await listWebhooks(ctx, query, actingOf(req)), (row) => webhookView(row, zoneOf(ctx))),
  ),
  endpoint(at.create, async (ctx, { req, body }) => {
    const { url, description, event_types: eventTypes, enabled } = body;
    const input = { url, description, eventTypes, enabled };
    const client = 'client' in body ? body.client : undefined;
    const made = await createWebhook(ctx, input, { client, acting: actingOf(req) });
    return { ...webhookView(made, zoneOf(ctx)), secret: made.plainSecret };
  }),
  endpoint(at.get, async (ctx, { params }) => webhookView(await getWebhook(ctx, params.id), zoneOf(ctx))),
  endpoint(at.patch, async (ctx, { params, body }) =>
    webhookView(await changeWebhook(ctx, params.id, camelKeys(body)), zoneOf(ctx)),
  ),
  endpoint(at.remove, (ctx, { params }) => removeWebhook(ctx, params.id)),
  endpoint(at.ping, async (ctx, { params }) => ({
    detail: 'A ping is being sent',
    delivery: await pingWebhook(ctx, params.id),
  })),
  endpoint(at.deliveries, async (ctx, { req, params, query }) =>
    envelope(ctx, req, await listDeliveriesOf(ctx, params.id, query), (row) => deliveryView(row, zoneOf(ctx))),
  ),
];
export const webhookEndpoints: Endpoint<ComputeCtx>[] = [
  ...forRoot(compute.staffWebhooks),
  ...forRoot(compute.userWebhooks),
];
