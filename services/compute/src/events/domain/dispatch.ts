import { randomUUID } from 'node:crypto';
import { ensureJob, isoZ6, type Tx } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { insertDeliveries, listOverfull, pruneDeliveries, type NewDelivery } from '../store/deliveries.js';
import {
  deleteForeignEvents,
  findHorizon,
  lockDispatched,
  pruneEvents,
  readEvents,
  writeDispatched,
} from '../store/events.js';
import {
  disableWebhook,
  listDue,
  listEnabled,
  listUnrightful,
  lockWebhook,
  type EnabledWebhook,
} from '../store/webhooks.js';
import type { EventRow } from '../tables.js';
import { fitsTypes } from './event-types.js';
import { perAudience, shownEvent } from './event-text.js';

const PAGE = 500;
/** A webhook for which more deliveries wait is disabled. */
const MAX_PENDING = 10_000;
/** Ended deliveries of a webhook that are kept, for its user to look at. */
const KEPT = 1000;
/**
 * Webhooks share so many queues: no more workers are held by receivers. Those that answer slowly have a lane of their
 * own, so that they keep each other waiting and nobody else.
 */
const QUEUES = 4;
const SLOW_QUEUE = 'webhook:slow';
const queueOf = ({ id, slow }: { id: string; slow: boolean }): string =>
  slow ? SLOW_QUEUE : `webhook:${parseInt(id.slice(0, 2), 16) % QUEUES}`;

const wants = (hook: EnabledWebhook, event: EventRow): boolean =>
  event.xact >= hook.sinceXact &&
  (hook.clientId === null || hook.clientId === event.clientId) &&
  fitsTypes(event.type, hook.eventTypes);
/** The body of a delivery, in the form of Standard Webhooks. */
const bodyOf = (event: EventRow, staff: boolean, zone: string): string => {
  const { type, client, object, data } = shownEvent(event, { staff, zone });
  return JSON.stringify({ type, timestamp: isoZ6(event.createdAt), data: { client, object, ...data } });
};
const deliveriesOf = (hooks: readonly EnabledWebhook[], event: EventRow, zone: string): NewDelivery[] => {
  const bodyFor = perAudience((staff) => bodyOf(event, staff, zone));
  return hooks
    .filter((hook) => wants(hook, event))
    .map((hook) => ({
      id: randomUUID(),
      webhookId: hook.id,
      xact: event.xact,
      sequence: event.sequence,
      eventType: event.type,
      body: bodyFor(hook.staff),
    }));
};

/** Makes the deliveries of one page of events. @returns whether there may be more */
const dispatchPage = async (ctx: ComputeCtx, tx: Tx): Promise<{ made: number; more: boolean }> => {
  const hooks = await listEnabled(tx);
  if (!hooks.length) return { made: 0, more: false };
  const { rows, upTo } = await readEvents(tx, await lockDispatched(tx), PAGE);
  if (!rows.length) return { made: 0, more: false };
  const made = rows.flatMap((row) => deliveriesOf(hooks, row, ctx.config.NEFOS_COMPUTE_TIME_ZONE));
  await insertDeliveries(tx, made);
  await writeDispatched(tx, upTo);
  return { made: made.length, more: rows.length === PAGE };
};
/** Sees to it that the webhooks with a delivery that is due have a job. */
const hurryDue = async (ctx: ComputeCtx): Promise<number> => {
  const due = await listDue(ctx.db, PAGE);
  for (const one of due)
    await ctx.db.transaction((tx) =>
      ensureJob(
        tx,
        'webhook.deliver',
        { webhook: one.id },
        { key: `webhook:${one.id}`, queue: queueOf(one), priority: 10 },
      ),
    );
  return due.length;
};
/**
 * Turns the events since the last round into deliveries, each of them once: place in the log and deliveries are one
 * transaction. Then it gives jobs to the webhooks that have something to send.
 */
export const sweepDispatch = async (ctx: ComputeCtx): Promise<{ made: number; due: number }> => {
  let total = 0;
  for (let more = true; more;) {
    const page = await ctx.db.transaction((tx) => dispatchPage(ctx, tx));
    total += page.made;
    ({ more } = page);
  }
  return { made: total, due: await hurryDue(ctx) };
};

/** Disables the webhooks of users who are gone, or have no rights to the client any more. */
const disableUnrightful = async (ctx: ComputeCtx): Promise<number> => {
  const all = await listUnrightful(ctx.db, PAGE);
  for (const id of all)
    await ctx.db.transaction((tx) => disableWebhook(tx, id, 'Its maker has no rights to what it tells of any more.'));
  return all.length;
};
const disableOverfull = async (ctx: ComputeCtx): Promise<number> => {
  const overfull = await listOverfull(ctx.db, MAX_PENDING);
  for (const id of overfull)
    await ctx.db.transaction(async (tx) => {
      if ((await lockWebhook(tx, id))?.enabled)
        await disableWebhook(tx, id, `More than ${MAX_PENDING} deliveries waited for the receiver.`);
    });
  return overfull.length;
};
/** Throws away events and deliveries that are kept no longer, and gives webhooks up for which too much waits. */
export const sweepOldEvents = async (ctx: ComputeCtx): Promise<{ events: number; deliveries: number }> => {
  await ctx.db.transaction(async (tx) => {
    const before = await lockDispatched(tx);
    // Nobody waits for deliveries: all are made.
    const now = await findHorizon(tx);
    if (!(await listEnabled(tx)).length && now.xact > before.xact) await writeDispatched(tx, now);
  });
  await disableUnrightful(ctx);
  await disableOverfull(ctx);
  let events = 0;
  for (let gone = PAGE; gone > 0; events += gone)
    gone = await ctx.db.transaction((tx) => pruneEvents(tx, ctx.config.NEFOS_COMPUTE_EVENT_MINUTES, 5000));
  return { events, deliveries: await pruneDeliveries(ctx.db, KEPT) };
};
/** Forgets events of another database cluster, which came with a restored backup: no place in this log fits them. */
export const forgetForeignEvents = async (ctx: ComputeCtx): Promise<void> => {
  const gone = await ctx.db.transaction((tx) => deleteForeignEvents(tx));
  if (gone) ctx.log.warn({ events: gone }, 'events of before a restore were thrown away');
};
