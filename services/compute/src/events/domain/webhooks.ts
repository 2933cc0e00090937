import { randomUUID } from 'node:crypto';
import { notFound, type Tx } from '@nefos/service-kit';
import { actingClient, callerOf, visibleClients } from '../../access/domain/caller.js';
import { dbOf } from '../../access/domain/claim.js';
import type { ComputeRequest } from '../../ctx.js';
import type { Page } from '../../lists/list-plan.js';
import type { Query } from '../../lists/list-query.js';
import { UUID } from '../../lists/uuid.js';
import { shareLockHold, shareLockOwner } from '../../owners/domain/owners.js';
import { invalidValue, refusal } from '../../refusals.js';
import { seal, SEALED } from '../../sealed.js';
import { demandUnrestricted } from '../../users/domain/ranks.js';
import { findHorizon } from '../store/events.js';
import { insertDeliveries, listDeliveries, type DeliveryRow } from '../store/deliveries.js';
import * as store from '../store/webhooks.js';
import type { Webhook } from '../store/webhooks.js';
import { isKnownType } from './event-types.js';
import { newSecret } from './signature.js';

export type { Webhook } from '../store/webhooks.js';
export type { DeliveryRow } from '../store/deliveries.js';

/** Webhooks of one client that its users made, and those that staff made. */
const MAX_OF_CLIENT = 10;
const MAX_OF_STAFF = 50;

export interface WebhookInput {
  url: string;
  description: string;
  eventTypes: string[];
  enabled: boolean;
}
export type WebhookPatch = { [K in keyof WebhookInput]?: WebhookInput[K] | undefined };

/** @throws Fault invalid */
const checkUrl = (ctx: ComputeRequest, text: string): void => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || !url.hostname) throw invalidValue(['url'], 'webhook.url');
  if (url.username || url.password) throw invalidValue(['url'], 'webhook.url_credentials');
  if (!ctx.receivers.accepts(url)) throw invalidValue(['url'], 'webhook.url_inside');
};
const check = (ctx: ComputeRequest, { url, eventTypes }: WebhookPatch): void => {
  if (url !== undefined) checkUrl(ctx, url);
  eventTypes?.forEach((one, at) => {
    if (!isKnownType(one)) throw invalidValue(['event_types', at], 'webhook.event_type', { type: one });
  });
};

/** Webhooks that the caller may see, newest first: staff all, end users those of their clients. */
export const listWebhooks = (ctx: ComputeRequest, query: Query, acting: string | undefined): Promise<Page<Webhook>> =>
  store.listWebhooks(dbOf(ctx), query, visibleClients(callerOf(ctx), acting));
const mayReach = (ctx: ComputeRequest, one: Pick<Webhook, 'staff' | 'clientId'>): boolean => {
  const { staff, clientIds } = callerOf(ctx);
  return staff || (!one.staff && one.clientId !== null && clientIds.includes(one.clientId));
};
/** @throws Fault not_found */
export const getWebhook = async (ctx: ComputeRequest, id: string): Promise<Webhook> => {
  const one = UUID.test(id) ? await store.findWebhook(dbOf(ctx), id) : null;
  if (!one || !mayReach(ctx, one)) throw notFound();
  return one;
};
/** @throws Fault not_found */
const lockReachable = async (ctx: ComputeRequest, tx: Tx, id: string): Promise<Webhook> => {
  const one = UUID.test(id) ? await store.lockWebhook(tx, id) : undefined;
  if (!one || !mayReach(ctx, one)) throw notFound();
  return one;
};

/**
 * End users of a suspended client read and delete (contract compute §2 A8).
 * @throws Fault forbidden/client.suspended
 */
const refuseSuspended = async (ctx: ComputeRequest, tx: Tx, clientId: number | null): Promise<void> => {
  if (!callerOf(ctx).staff && clientId !== null && (await shareLockHold(tx, clientId)))
    throw refusal('forbidden', 'client.suspended');
};

/**
 * Makes a webhook for the events from now on.
 * @param of.client whose events staff want; without, everybody's. @param of.acting the client that an end user names
 * @returns the secret, too: it is shown this once
 * @throws Fault invalid, not_found, conflict/webhook.too_many
 */
export const createWebhook = async (
  ctx: ComputeRequest,
  input: WebhookInput,
  of: { client?: number | null | undefined; acting?: string | undefined },
): Promise<Webhook & { plainSecret: string }> => {
  demandUnrestricted(ctx);
  check(ctx, input);
  const caller = callerOf(ctx);
  const { staff } = caller;
  const clientId = staff ? (of.client ?? null) : actingClient(caller, of.acting);
  const id = randomUUID();
  const plainSecret = newSecret();
  await dbOf(ctx).transaction(async (tx) => {
    if (staff && clientId !== null && !(await shareLockOwner(tx, clientId)))
      throw invalidValue(['client'], 'webhook.client', { id: clientId });
    await refuseSuspended(ctx, tx, clientId);
    const max = staff ? MAX_OF_STAFF : MAX_OF_CLIENT;
    if ((await store.countWebhooks(tx, staff ? null : clientId)) >= max)
      throw refusal('conflict', 'webhook.too_many', { max });
    const { xact } = await findHorizon(tx);
    await store.insertWebhook(tx, {
      ...input,
      id,
      clientId,
      staff,
      createdById: caller.userId,
      secret: seal(ctx, SEALED.webhook, id, plainSecret),
      sinceXact: xact,
    });
  });
  return { ...(await getWebhook(ctx, id)), plainSecret };
};
/** Changes what is given; a webhook that is enabled again gets events from now on. @throws Fault not_found, invalid */
export const changeWebhook = async (ctx: ComputeRequest, id: string, patch: WebhookPatch): Promise<Webhook> => {
  demandUnrestricted(ctx);
  await getWebhook(ctx, id);
  check(ctx, patch);
  await dbOf(ctx).transaction(async (tx) => {
    const { enabled, clientId } = await lockReachable(ctx, tx, id);
    await refuseSuspended(ctx, tx, clientId);
    const { enabled: wanted, ...changes } = patch;
    await store.updateWebhook(tx, id, changes);
    if (wanted === true && !enabled) await store.enableWebhook(tx, id, (await findHorizon(tx)).xact);
    if (wanted === false && enabled) await store.disableWebhook(tx, id, null);
  });
  return getWebhook(ctx, id);
};
/** @throws Fault not_found */
export const removeWebhook = (ctx: ComputeRequest, id: string): Promise<void> =>
  dbOf(ctx).transaction(async (tx) => {
    await lockReachable(ctx, tx, id);
    await store.deleteWebhook(tx, id);
  });
/** Sends a `ping`, after what waits already. @throws Fault not_found, conflict/webhook.disabled */
export const pingWebhook = (ctx: ComputeRequest, id: string): Promise<string> =>
  dbOf(ctx).transaction(async (tx) => {
    const { enabled, clientId } = await lockReachable(ctx, tx, id);
    await refuseSuspended(ctx, tx, clientId);
    if (!enabled) throw refusal('conflict', 'webhook.disabled');
    const deliveryId = randomUUID();
    const body = JSON.stringify({ type: 'ping', timestamp: ctx.clock.now().toISOString(), data: { webhook: id } });
    const { xact } = await findHorizon(tx);
    await insertDeliveries(tx, [{ id: deliveryId, webhookId: id, xact, sequence: 0, eventType: 'ping', body }]);
    await store.hurryWebhook(tx, id);
    return deliveryId;
  });
/** What is or was sent, newest first. @throws Fault not_found */
export const listDeliveriesOf = async (ctx: ComputeRequest, id: string, query: Query): Promise<Page<DeliveryRow>> => {
  await getWebhook(ctx, id);
  return listDeliveries(dbOf(ctx), id, query);
};
