import type { ComputeCtx } from '../../ctx.js';
import { placeOf, SEALED } from '../../sealed.js';
import { findDueDelivery, noteAttempt, type DueDelivery } from '../store/deliveries.js';
import { disableWebhook, noteFailure, noteSuccess, setSlow } from '../store/webhooks.js';
import { signedHeaders } from './signature.js';

/** A job sends for so long at most; what is left is sent by the next one. */
const SLICE_MS = 5000;
/** A receiver that takes longer to answer is slow, until it answers faster. */
const SLOW_MS = 1000;
const GIVE_UP_HOURS = 24;
/** Seconds between attempts: 5, 10, 20 ... at most an hour, with a fifth more or less. */
const pauseSeconds = (failures: number): number =>
  Math.min(3600, 5 * 2 ** Math.min(failures, 12)) * (0.8 + 0.4 * Math.random());

/** @returns the receiver's status, and what was wrong with it, if anything was */
const attempt = async (
  ctx: ComputeCtx,
  webhookId: string,
  { id, url, secret, body }: DueDelivery,
  signal: AbortSignal,
): Promise<{ status: number | null; error: string | null }> => {
  const seconds = Math.floor(ctx.clock.now().getTime() / 1000);
  let key: string;
  try {
    key = ctx.secrets.open(secret, placeOf(SEALED.webhook, webhookId));
  } catch (err) {
    ctx.log.error({ err, webhook: webhookId }, 'the secret of a webhook does not open');
    return { status: null, error: 'the secret of the webhook does not open; make the webhook anew' };
  }
  const headers = signedHeaders(key, id, seconds, body);
  const answer = await ctx.receivers.post(url, headers, body, signal);
  if ('error' in answer) return { status: null, error: answer.error };
  const { status } = answer;
  return { status, error: status >= 200 && status < 300 ? null : `the receiver answered ${status}` };
};
/**
 * Sends what waits for a webhook, in the order of the events, until nothing is left or the receiver fails. A delivery
 * may be sent twice, with the same `webhook-id`, when the process dies before it is noted.
 */
export const deliverWebhook = async (ctx: ComputeCtx, webhookId: string, signal: AbortSignal): Promise<void> => {
  const until = performance.now() + SLICE_MS;
  while (!signal.aborted && performance.now() < until) {
    const due = await findDueDelivery(ctx.db, webhookId);
    if (!due) return;
    const begun = performance.now();
    const { status, error } = await attempt(ctx, webhookId, due, signal);
    if (signal.aborted && error !== null) return;
    const slow = performance.now() - begun > SLOW_MS;
    await ctx.db.transaction(async (tx) => {
      await noteAttempt(tx, due.id, {
        status: error === null ? 'delivered' : 'pending',
        responseStatus: status,
        error,
      });
      if (error === null) {
        await noteSuccess(tx, webhookId);
        return;
      }
      const failing = await noteFailure(tx, webhookId, error, pauseSeconds(due.failures));
      if (status === 410) await disableWebhook(tx, webhookId, 'The receiver says that it is gone (410).');
      else if (failing && failing.hours >= GIVE_UP_HOURS)
        await disableWebhook(tx, webhookId, `No delivery was accepted for ${GIVE_UP_HOURS} hours; at last: ${error}.`);
    });
    // The next job is in the other lane.
    if (slow !== due.slow) await setSlow(ctx.db, webhookId, slow);
    if (error !== null || slow !== due.slow) return;
  }
};
